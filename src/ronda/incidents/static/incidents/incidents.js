// Renews the list, or the one incident, when the server says that an incident changed. While somebody writes in it,
// it waits.

const CALM_MS = 600;
let due = 0;

/** @returns {HTMLElement | null} */
const part = () => document.querySelector("[data-live-list]");

function isBusy() {
  const at = document.activeElement;
  return Boolean(at && part()?.contains(at) && at.matches("input, select, textarea"));
}

function renew() {
  clearTimeout(due);
  due = window.setTimeout(() => {
    const target = part();
    if (!target || document.hidden || isBusy() || target.querySelector("textarea")?.value) return;
    target.dispatchEvent(new CustomEvent("renew"));
  }, CALM_MS);
}

document.addEventListener("ronda:told", (event) => {
  const { topic, incident } = /** @type {CustomEvent} */ (event).detail;
  const only = part()?.dataset.incident;
  if (topic === "incidents.changed" && (!only || Number(only) === incident)) renew();
});
document.addEventListener("ronda:resync", renew);
document.addEventListener("visibilitychange", renew);
