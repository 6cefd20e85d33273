/**
 * Reads the columns of the live feed (docs/live.md) into typed arrays. Pure: no page, no network.
 *
 * @typedef {[number, number, number, number | null, number | null]} Row id, state, overlay, since, RTT in ms
 * @typedef {{total: number, unknown: number, up: number, suspect: number, down: number, unreachable: number,
 *   maintenance: number, paused: number, flapping: number, degraded: number, unlocated: number}} Counts
 * @typedef {{state: "ok" | "blind" | "silent" | "starting", swept_at: number | null, interval: number}} Watch
 * @typedef {{id: number, name: string, customer_id: string, location: string | null, address: string,
 *   lat: number | null, lon: number | null, area: number | null, area_name: string | null, site: string | null,
 *   category: number, state: number, overlay: number, since: number | null, rtt_ms: number | null}} Full
 * @typedef {{base: number, version: number, at: number, rows?: Row[], changed?: Full[], gone?: number[],
 *   counts: Counts, watch: Watch, resync?: boolean}} Delta
 * @typedef {{version: number, at: number, ids: number[], lat: (number | null)[], lon: (number | null)[],
 *   areas: [number, string, string][], area: number[], categories: string, states: string, rows: Row[],
 *   counts: Counts, watch: Watch}} Columns
 */

/**
 * Running sums: what was sent as differences.
 * @param {number[]} differences
 * @returns {Int32Array}
 */
export function undelta(differences) {
  const out = new Int32Array(differences.length);
  let sum = 0;
  for (let i = 0; i < differences.length; i++) {
    sum += differences[i];
    out[i] = sum;
  }
  return out;
}

/**
 * Degrees from differences of micro-degrees; NaN where there is no value.
 * @param {(number | null)[]} differences
 * @returns {Float64Array}
 */
export function degrees(differences) {
  const out = new Float64Array(differences.length);
  let sum = 0;
  for (let i = 0; i < differences.length; i++) {
    const difference = differences[i];
    if (difference === null) {
      out[i] = Number.NaN;
    } else {
      sum += difference;
      out[i] = sum / 1e6;
    }
  }
  return out;
}

/**
 * One small number per digit of the text.
 * @param {string} text
 * @returns {Uint8Array}
 */
export function digits(text) {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i) - 48;
  return out;
}
