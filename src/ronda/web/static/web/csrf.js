/** What a write that is authenticated by a cookie has to send along. */

/**
 * Over HTTPS the cookie has a prefix (RFC 6265bis, 4.1.3.2).
 * @param {string} [cookies]
 */
export function token(cookies = document.cookie) {
  return /(?:^|; )(?:__Host-)?csrftoken=([^;]+)/.exec(cookies)?.[1] ?? "";
}
