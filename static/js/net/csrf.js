/** @returns {string} what `X-CSRFToken` says where something changes */
export function csrfToken() {
  return /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}
