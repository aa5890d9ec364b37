/**
 * Settings the server handed to the page in `<script type="application/json" id="…">`.
 * @param {string} [id]
 * @returns {Record<string, any>} empty when the block is missing
 */
export function readConfig(id = "adminara-config") {
  const text = document.getElementById(id)?.textContent;
  return text ? JSON.parse(text) : {};
}

/**
 * @param {string} path
 * @param {{protocol: string, host: string}} [place]
 * @returns {string} ws: or wss: address on the page's own host
 */
export function socketUrl(path, place = window.location) {
  return `${place.protocol === "https:" ? "wss:" : "ws:"}//${place.host}${path}`;
}
