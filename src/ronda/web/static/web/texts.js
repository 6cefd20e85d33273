/**
 * What scripts say: the translated texts that the server put into <template id="texts">.
 */

/** @returns {DOMStringMap} */
function source() {
  return /** @type {HTMLElement | null} */ (document.getElementById("texts"))?.dataset ?? {};
}

/**
 * A text by its key, with `{name}` replaced; the key itself when there is no such text.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function text(key, values = {}) {
  // data-stale-banner is dataset.staleBanner, but data-state-0 stays dataset["state-0"].
  const name = key.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
  return fill(source()[name] ?? key, values);
}

/**
 * @param {string} pattern
 * @param {Record<string, string | number>} values
 */
export function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** @param {number} value */
export function number(value) {
  return value.toLocaleString(document.documentElement.lang || "id");
}

/**
 * A point in time in the page's language and the zone that its reader chose.
 * @param {Date} at
 * @param {Intl.DateTimeFormatOptions} [form] date and time when left out
 */
export function moment(at, form = { dateStyle: "medium", timeStyle: "medium" }) {
  const { lang, dataset } = document.documentElement;
  return at.toLocaleString(lang || "id", { hourCycle: "h23", ...form, timeZone: dataset.zone || undefined });
}
