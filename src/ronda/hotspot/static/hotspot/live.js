// A list that is renewed when the server says that routers were read. What is chosen stays chosen; while somebody
// types or has a menu open in it, it waits.

const CALM_MS = 400;
/** @type {Set<string>} */
let chosen = new Set();
let due = 0;

/** @returns {HTMLElement | null} */
const list = () => document.querySelector("[data-live-list]");

function isBusy() {
  const at = document.activeElement;
  const written = /** @type {HTMLInputElement | null | undefined} */ (
    list()?.querySelector("input[name=extend]")
  );
  return Boolean(
    written?.value || (at && list()?.contains(at) && at.matches("input:not([type=checkbox]), select")),
  );
}

function renew() {
  clearTimeout(due);
  due = window.setTimeout(() => {
    const target = list();
    if (!target || document.hidden || isBusy()) return;
    target.dispatchEvent(new CustomEvent("renew"));
  }, CALM_MS);
}

/** @returns {HTMLInputElement[]} */
const boxes = () =>
  [...(list()?.querySelectorAll("input[data-choose-row]") ?? [])].map(
    (box) => /** @type {HTMLInputElement} */ (box),
  );

document.addEventListener("ronda:told", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.topic === "hotspot.read") renew();
});
document.addEventListener("ronda:resync", renew);
document.addEventListener("visibilitychange", renew);
// Who is online is asked for every few seconds, too: that waits like everything else, and so does its answer.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === list() && (document.hidden || isBusy())) event.preventDefault();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (detail?.requestConfig?.elt === list() && isBusy()) detail.shouldSwap = false;
  chosen = new Set(
    boxes()
      .filter((box) => box.checked)
      .map((box) => box.value),
  );
});
document.addEventListener("htmx:afterSettle", () => {
  for (const box of boxes()) if (chosen.has(box.value)) box.checked = true;
  if (chosen.size) list()?.querySelector("form")?.dispatchEvent(new Event("change"));
});
