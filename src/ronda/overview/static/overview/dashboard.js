// Keeps the list of what is down current: fetched again, at most every three seconds, when the
// stream says that something went down or came back. The list itself is rendered by the server.

import { moment } from "../web/texts.js";

const PAUSE_MS = 3000;
const DOWN = 3;

/** @type {number | undefined} */
let waiting;
/** @type {Set<number>} */
const shown = new Set();

function remember() {
  shown.clear();
  for (const row of document.querySelectorAll("#ongoing [data-ont]")) {
    shown.add(Number(/** @type {HTMLElement} */ (row).dataset.ont));
  }
}

async function refresh() {
  waiting = undefined;
  const old = document.getElementById("ongoing");
  if (!old?.dataset.ongoing) return;
  const answer = await fetch(old.dataset.ongoing, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const made = new DOMParser().parseFromString(await answer.text(), "text/html");
  const list = made.getElementById("ongoing");
  // Someone who is reading with the keyboard keeps the place.
  if (!list || old.contains(document.activeElement)) return;
  old.replaceWith(document.adoptNode(list));
  remember();
}

function soon() {
  if (waiting === undefined) waiting = window.setTimeout(() => refresh().catch(() => {}), PAUSE_MS);
}

document.addEventListener("ronda:delta", (event) => {
  const delta = /** @type {CustomEvent} */ (event).detail;
  const matters = (delta.rows ?? []).some(
    (/** @type {number[]} */ row) => row[1] === DOWN || shown.has(row[0]),
  );
  if (matters || delta.gone?.length || delta.changed?.length) soon();
});
document.addEventListener("ronda:resync", soon);

function tick() {
  for (const clock of document.querySelectorAll("[data-clock]")) {
    clock.textContent = moment(new Date(), { timeStyle: "short" });
  }
}

remember();
tick();
window.setInterval(tick, 5000);
