/**
 * What one sees on the map, kept in the address (after the #), so that it survives a reload and can be sent to a
 * colleague. Pure.
 *
 * @typedef {{zoom: number, lat: number, lon: number}} Place
 * @typedef {{place: Place | null, states: Set<number> | null, area: number | null, category: number | null,
 *   text: string, unlocated: boolean, ont: number | null}} Choice
 */

/** @returns {Choice} */
export function everything() {
  return { place: null, states: null, area: null, category: null, text: "", unlocated: false, ont: null };
}

/**
 * Reads what follows the #; what makes no sense is left out.
 * @param {string} hash with or without the #
 * @returns {Choice}
 */
export function read(hash) {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const choice = everything();
  const [zoom, lat, lon] = (fields.get("map") ?? "").split("/").map(Number);
  const sane = zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  if (sane && fields.get("map")) choice.place = { zoom, lat, lon };
  const digits = (fields.get("state") ?? "").match(/[0-6]/g);
  if (digits) choice.states = new Set(digits.map(Number));
  choice.area = whole(fields.get("area"));
  choice.category = whole(fields.get("category"));
  choice.ont = whole(fields.get("ont"));
  choice.text = fields.get("q") ?? "";
  choice.unlocated = fields.get("unlocated") === "1";
  return choice;
}

/**
 * @param {Choice} choice
 * @returns {string} without the #; "" for everything
 */
export function write(choice) {
  const fields = [];
  if (choice.place) {
    const { zoom, lat, lon } = choice.place;
    fields.push(`map=${Math.round(zoom * 100) / 100}/${lat.toFixed(5)}/${lon.toFixed(5)}`);
  }
  if (choice.states) fields.push(`state=${[...choice.states].sort().join("")}`);
  if (choice.area !== null) fields.push(`area=${choice.area}`);
  if (choice.category !== null) fields.push(`category=${choice.category}`);
  if (choice.text) fields.push(`q=${encodeURIComponent(choice.text)}`);
  if (choice.unlocated) fields.push("unlocated=1");
  if (choice.ont !== null) fields.push(`ont=${choice.ont}`);
  return fields.join("&");
}

/** @param {string | null} text */
function whole(text) {
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : null;
}
