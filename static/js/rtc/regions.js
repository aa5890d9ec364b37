/** @import {IceServer} from "../core/types.js" */

/**
 * TURN servers by region: which is which, in what order to offer them. Pure.
 *
 * @typedef {{region: string, transport: 'udp' | 'tcp' | 'tls', ok: boolean, rtt_ms: number | null}} TurnResult
 *   rtt_ms: to the relay and back
 * @typedef {{region: string, transport: TurnResult['transport'], server: RTCIceServer}} TurnPath
 */

/**
 * @param {string} url  e.g. `turn:host:port?transport=tcp`
 * @returns {TurnResult['transport'] | null} null: not a TURN URL
 */
export function transportOf(url) {
  if (url.startsWith("turns:")) return "tls";
  if (!url.startsWith("turn:")) return null;
  return /[?&]transport=tcp/.test(url) ? "tcp" : "udp";
}

/**
 * Every way to a relay, one for each region and transport, in the order of the servers.
 * @param {IceServer[]} iceServers
 * @returns {TurnPath[]}
 */
export function turnPaths(iceServers) {
  /** @type {Map<string, TurnPath>} */
  const paths = new Map();
  for (const { urls, username, credential, region } of iceServers) {
    for (const url of [urls].flat()) {
      const transport = transportOf(url);
      if (!transport) continue;
      const name = region ?? hostOf(url) ?? url;
      const key = `${name} ${transport}`;
      if (!paths.has(key)) paths.set(key, { region: name, transport, server: { urls: [url], username, credential } });
    }
  }
  return [...paths.values()];
}

/**
 * Browsers prefer the relay that stands first. Measured regions come by their round trip, then those nobody measured
 * (by the server's priority), last the ones that failed: still offered, a failure may have been a moment's.
 * @param {IceServer[]} iceServers
 * @param {TurnResult[]} measured
 * @returns {IceServer[]}
 */
export function orderServers(iceServers, measured) {
  const rank = (/** @type {IceServer} */ { region }) => {
    const results = measured.filter((result) => result.region === region);
    if (!region || results.length === 0) return 1e6;
    const times = results.filter(({ ok }) => ok).map(({ rtt_ms }) => rtt_ms ?? 1e5);
    return times.length ? Math.min(...times) : 1e7;
  };
  return iceServers
    .map((server, index) => ({ server, index, rank: rank(server) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ server }) => server);
}

/**
 * @param {string | undefined} url  the relay candidate's
 * @param {IceServer[]} iceServers
 * @returns {string | null} the region's name, else the relay's host
 */
export function regionOf(url, iceServers) {
  const host = hostOf(url);
  if (!host) return null;
  const all = iceServers.map((server) => ({ region: server.region, urls: [server.urls].flat() }));
  // Regions on one host differ by port.
  const exact = all.find(({ urls }) => urls.some((candidate) => addressOf(candidate) === addressOf(url)));
  return (exact ?? all.find(({ urls }) => urls.some((candidate) => hostOf(candidate) === host)))?.region ?? host;
}

/** @param {string | undefined} url @returns {string | null} */
function hostOf(url) {
  return url?.match(/^turns?:(\[[^\]]+\]|[^:?]+)/)?.[1] ?? null;
}

/** @param {string | undefined} url @returns {string | null} host and port */
function addressOf(url) {
  return url?.match(/^turns?:((?:\[[^\]]+\]|[^:?]+)(?::\d+)?)/)?.[1] ?? null;
}
