/**
 * Lengths of time in few words: the same rules as ronda/web/durations.py.
 */
import { moment, text } from "./texts.js";

/**
 * At most two units, never rounded up: `45 s`, `5 min`, `2 h 5 min`, `3 d 4 h`.
 * @param {number} seconds
 */
export function short(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return text("seconds", { count: whole });
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(whole / 3600);
  const days = Math.floor(whole / 86400);
  if (hours === 0) return text("minutes", { count: minutes });
  if (days === 0) return pair(text("hours", { count: hours }), "minutes", minutes % 60);
  return pair(text("days", { count: days }), "hours", hours % 24);
}

/**
 * @param {string} first
 * @param {string} unit
 * @param {number} count
 */
function pair(first, unit, count) {
  return count ? `${first} ${text(unit, { count })}` : first;
}

/**
 * Seconds since an epoch time, by this machine's clock corrected by what the server last said.
 * @param {number} at epoch seconds
 */
export function since(at) {
  return Date.now() / 1000 + skew - at;
}

/** Server's clock minus ours in seconds: phones are often minutes off. */
let skew = 0;

/** @param {number} at the server's time now, epoch seconds */
export function tellTime(at) {
  const difference = at - Date.now() / 1000;
  // Below two seconds it is only the way the news took.
  skew = Math.abs(difference) < 2 ? 0 : difference;
}

/** Brings every <time data-age> of the page up to date. */
export function refresh() {
  for (const element of document.querySelectorAll("time[data-age]")) {
    const time = /** @type {HTMLTimeElement} */ (element);
    const length = short(since(Date.parse(time.dateTime) / 1000));
    const shown = time.dataset.age === "ago" ? text("ago", { length }) : length;
    if (time.textContent !== shown) time.textContent = shown;
  }
}

/**
 * Hours and minutes of an epoch time, in the reader's zone.
 * @param {number} at epoch seconds
 */
export function clock(at) {
  return moment(new Date(at * 1000), { timeStyle: "medium" });
}
