// Long work on a page: an element with `data-work` (the id of a job, `router:ID` for all jobs of a router, or empty)
// is asked for anew (`hx-trigger="renew"`) when the live stream says that the work ended, and more and more seldom
// where the stream says nothing. What it says of progress is shown without asking, and spoken at every quarter.

import { number, text } from "./texts.js";

const CALM_MS = 300;
const FIRST_MS = 1000;
const SELDOM_MS = 15000;

let pause = FIRST_MS;
let next = 0;
let isLive = false;
/** @type {Map<string, number>} by element id, the quarter that was spoken last */
const spoken = new Map();

/** @returns {HTMLElement[]} */
const works = () =>
  [...document.querySelectorAll("[data-work]")].map((one) => /** @type {HTMLElement} */ (one));

/** @param {string} words */
function say(words) {
  const place = document.getElementById("announce");
  if (place) place.textContent = words.replace(/\s+/g, " ").trim();
}

function ask() {
  clearTimeout(next);
  const waiting = works();
  if (!waiting.length) return;
  // A page that nobody looks at asks when it is looked at again.
  if (!document.hidden) for (const one of waiting) one.dispatchEvent(new CustomEvent("renew"));
  pause = Math.min(pause * 1.5, SELDOM_MS);
  plan(isLive ? SELDOM_MS : pause);
}

/** @param {number} wait */
function plan(wait) {
  clearTimeout(next);
  if (works().length) next = window.setTimeout(ask, wait);
}

/** @param {HTMLElement} one @param {number} done @param {number} total */
function show(one, done, total) {
  const bar = one.querySelector("progress");
  const count = one.querySelector("[data-work-done]");
  if (!(bar instanceof HTMLProgressElement) || !count) return;
  // Work that was cut is taken up where it was: the job knows of the rest alone.
  const made = bar.max - total + done;
  if (made < bar.value) return;
  bar.value = made;
  count.textContent = number(made);
  const quarter = Math.floor((4 * made) / bar.max);
  if (quarter <= (spoken.get(one.id) ?? 0) || quarter === 4) return;
  spoken.set(one.id, quarter);
  say(text("work-done", { done: number(made), total: number(bar.max) }));
}

/** @param {{job?: number, lock?: string, done?: number, total?: number}} told */
function hear({ job, lock, done, total }) {
  const heard = works().filter(
    ({ dataset }) => job === undefined || ["", String(job), lock].includes(dataset.work),
  );
  if (!heard.length) return;
  const parts = total
    ? heard.filter((one) => one.dataset.work === String(job) && one.querySelector("[data-work-done]"))
    : [];
  for (const one of parts) show(one, done ?? 0, total ?? 1);
  if (parts.length < heard.length) plan(CALM_MS);
}

export function followWork() {
  document.addEventListener("ronda:told", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail.topic === "work.moved") hear(detail);
  });
  document.addEventListener("ronda:link", (event) => {
    isLive = /** @type {CustomEvent} */ (event).detail.state === "live";
  });
  document.addEventListener("ronda:resync", ask);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const place = /** @type {HTMLElement} */ (event.target);
    const result = place.querySelector?.("[data-work-result]");
    if (spoken.has(place.id) && !place.matches("[data-work]")) {
      spoken.delete(place.id);
      if (result) say(result.textContent ?? "");
    }
    begin();
  });
  begin();
}

function begin() {
  for (const one of works()) if (one.id && !spoken.has(one.id)) spoken.set(one.id, 0);
  plan(isLive ? SELDOM_MS : pause);
}
