/**
 * Keeps what the page shows of states in step with the stream: badges, counts, title, favicon, banners, and a
 * spoken summary at most every ten seconds.
 *
 * @import { Delta, Counts, Watch } from "./columns.js"
 */
import { clock, refresh, short, since } from "./age.js";
import { digits, undelta } from "./columns.js";
import { moment, number, text } from "./texts.js";

const SPOKEN_EVERY_MS = 10_000;
const FLAPPING = 1;
const DEGRADED = 2;

/** @param {string} name @param {string} word @param {string} meaning */
function badge(name, word, meaning) {
  const mark = document.createElement("span");
  mark.className = `state state-${name}`;
  mark.title = meaning;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${text("sprite")}#${name}`);
  svg.append(use);
  const label = document.createElement("span");
  label.textContent = word;
  mark.append(svg, label);
  return mark;
}

/**
 * A status badge as `{% status %}` draws it.
 * @param {number} state digit
 * @param {number} overlay bits
 * @returns {HTMLElement[]}
 */
export function badges(state, overlay) {
  const slow = state === 1 && (overlay & DEGRADED) !== 0;
  const name = slow ? "degraded" : text(`name-${state}`);
  const first = badge(
    name,
    slow ? text("degraded") : text(`state-${state}`),
    slow ? "" : text(`meaning-${state}`),
  );
  first.dataset.status = text(`name-${state}`);
  return overlay & FLAPPING ? [first, badge("flapping", text("flapping"), "")] : [first];
}

/** @param {Delta} delta */
function redraw(delta) {
  const rows = [
    ...(delta.changed ?? []).map((one) => [one.id, one.state, one.overlay, one.since]),
    ...(delta.rows ?? []),
  ];
  if (!rows.length || !document.querySelector("[data-ont]")) return;
  for (const [id, state, overlay, from] of rows) {
    for (const place of document.querySelectorAll(`[data-ont="${id}"]`)) {
      const shown = place.querySelector(".states");
      if (shown) {
        shown.replaceChildren(...badges(Number(state), Number(overlay)));
        place.classList.add("changed");
        setTimeout(() => place.classList.remove("changed"), 4000);
      }
      const time = /** @type {HTMLTimeElement | null} */ (place.querySelector("[data-since] time"));
      if (time && from !== null) {
        const at = new Date(Number(from) * 1000);
        time.dateTime = at.toISOString();
        time.title = moment(at);
      }
    }
  }
  refresh();
}

/** Too much was missed to be told piece by piece: read the whole, and redraw what this page shows of it. */
async function reread() {
  if (!document.querySelector("[data-ont]")) return;
  const answer = await fetch("/live/columns");
  if (!answer.ok) return;
  const columns = await answer.json();
  const told = new Map(columns.rows.map((/** @type {import("./columns.js").Row} */ row) => [row[0], row]));
  const states = digits(columns.states);
  const rows = [...undelta(columns.ids)].map((id, i) => told.get(id) ?? [id, states[i], 0, null, null]);
  const shown = new Set(
    [...document.querySelectorAll("[data-ont]")].map((place) => Number(place.getAttribute("data-ont"))),
  );
  redraw({ ...columns, rows: rows.filter((row) => shown.has(row[0])) });
}

/** @param {Counts} counts */
function recount(counts) {
  for (const element of document.querySelectorAll("[data-count]")) {
    const place = /** @type {HTMLElement} */ (element);
    const value = counts[/** @type {keyof Counts} */ (place.dataset.count)];
    if (value === undefined) continue;
    place.textContent = number(value);
    if ("hideZero" in place.dataset) place.hidden = value === 0;
  }
  for (const meter of document.querySelectorAll("meter[data-share]")) {
    const name = /** @type {keyof Counts} */ (/** @type {HTMLElement} */ (meter).dataset.share);
    /** @type {HTMLMeterElement} */ (meter).value = counts.total ? counts[name] / counts.total : 0;
  }
  title(counts.down);
}

const plainTitle = document.title;
let shownDown = -1;

/** @param {number} down */
function title(down) {
  if (down === shownDown) return;
  shownDown = down;
  document.title = down ? `(${down}) ${plainTitle}` : plainTitle;
  favicon(down);
}

/** @type {HTMLImageElement | null} */
let lantern = null;

/** @param {number} down */
function favicon(down) {
  const link = /** @type {HTMLLinkElement | null} */ (document.getElementById("favicon"));
  if (!link) return;
  link.dataset.plain ??= link.href;
  if (!down) {
    link.type = "image/svg+xml";
    link.href = link.dataset.plain;
    return;
  }
  if (!lantern) {
    lantern = new Image(32, 32);
    lantern.src = link.dataset.plain;
    lantern.addEventListener("load", () => favicon(shownDown), { once: true });
    return;
  }
  if (!lantern.complete) return;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 32;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.drawImage(lantern, 0, 0, 32, 32);
  pen.fillStyle = "#D55E00";
  pen.fillRect(8, 14, 24, 18);
  pen.fillStyle = "#fff";
  pen.font = "bold 15px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(down > 99 ? "99+" : String(down), 20, 24, 23);
  link.type = "image/png";
  link.href = canvas.toDataURL();
}

/** @type {Watch | null} */
let watch = null;
let linkState = "waiting";
let linkSince = 0;

function watchLine() {
  const blind = watch?.state ?? "starting";
  const swept = watch?.swept_at ?? null;
  let line = swept === null ? text("no-sweep") : text("swept", { age: short(since(swept)) });
  if (blind === "starting") line = text("starting");
  for (const place of document.querySelectorAll("[data-watch]")) {
    const element = /** @type {HTMLElement} */ (place);
    const late = swept !== null && watch !== null && since(swept) > 2.5 * watch.interval + 5;
    element.dataset.state = linkState === "live" ? (blind === "ok" && late ? "late" : blind) : "stale";
    const words = element.querySelector("[data-watch-text]");
    if (words && words.textContent !== line) words.textContent = line;
  }
  const banner = document.getElementById("blind");
  if (!banner) return;
  const bad = linkState === "live" && (blind === "blind" || blind === "silent");
  if (bad) {
    const words = text(blind, { time: swept === null ? "–" : clock(swept) });
    const place = banner.querySelector("[data-blind-text]");
    if (place && place.textContent !== words) place.textContent = words;
  }
  banner.hidden = !bad;
  document.body.classList.toggle("blind", bad);
}

function linkLine() {
  const stale = linkState === "stale" || linkState === "signed-out";
  document.body.classList.toggle("stale", stale);
  for (const place of document.querySelectorAll("[data-link-state]")) {
    /** @type {HTMLElement} */ (place).dataset.linkState = linkState;
    const words = place.querySelector("[data-link-text]");
    const word = stale ? text("stale") : linkState === "live" ? text("live") : text("waiting");
    if (words && words.textContent !== word) words.textContent = word;
  }
  const banner = document.getElementById("stale");
  if (!banner) return;
  if (stale) {
    const key = linkState === "signed-out" ? "signed-out" : "stale-banner";
    const words = text(key, { time: linkSince ? clock(linkSince) : clock(loaded) });
    const place = banner.querySelector("[data-stale-text]");
    if (place && place.textContent !== words) place.textContent = words;
  }
  banner.hidden = !stale;
}

const loaded = Date.now() / 1000;
let spokenAt = 0;
let wentDown = 0;
/** @type {number | null} */
let downThen = null;
let speaking = 0;

/** @param {Delta} delta */
function note(delta) {
  wentDown += (delta.rows ?? []).filter((row) => row[1] === 3).length;
  if (downThen === null) downThen = delta.counts.down;
  else if (!speaking) {
    const wait = Math.max(0, spokenAt + SPOKEN_EVERY_MS - Date.now());
    speaking = window.setTimeout(() => speak(), wait);
  }
}

let downNow = 0;

function speak() {
  speaking = 0;
  spokenAt = Date.now();
  const before = downThen ?? downNow;
  const came = Math.max(0, before + wentDown - downNow);
  const parts = [];
  if (wentDown) parts.push(text("summary-down", { count: number(wentDown) }));
  if (came) parts.push(text("summary-up", { count: number(came) }));
  wentDown = 0;
  downThen = downNow;
  if (!parts.length) return;
  parts.push(text("summary-total", { count: number(downNow) }));
  const place = document.getElementById("announce");
  if (place) place.textContent = parts.join(". ");
}

/** Starts listening; once per page. */
export function follow() {
  document.addEventListener("ronda:delta", (event) => {
    const delta = /** @type {CustomEvent<Delta>} */ (event).detail;
    redraw(delta);
    note(delta);
  });
  document.addEventListener("ronda:resync", () => reread());
  document.addEventListener("ronda:watch", (event) => {
    const detail = /** @type {CustomEvent<{counts: Counts | null, watch: Watch | null}>} */ (event).detail;
    if (detail.counts) {
      downNow = detail.counts.down;
      downThen ??= downNow;
      recount(detail.counts);
    }
    watch = detail.watch;
    watchLine();
  });
  document.addEventListener("ronda:link", (event) => {
    const detail = /** @type {CustomEvent<{state: string, since: number}>} */ (event).detail;
    linkState = detail.state;
    linkSince = detail.since;
    linkLine();
    watchLine();
  });
  linkLine();
  setInterval(() => {
    refresh();
    if (watch) watchLine();
  }, 5000);
}
