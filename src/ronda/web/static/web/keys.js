/**
 * The keyboard: `/` search, `?` help, `g` + letter to a page, `j`/`k` along a list, and what a page puts on a key of
 * its own by `data-key`. Single-key shortcuts can be turned off (WCAG 2.1.4); the choice stays in this browser.
 */
const STORE = "ronda-keys";

/** @param {EventTarget | null} target */
function typing(target) {
  return (
    target instanceof Element && target.closest("input, textarea, select, [contenteditable], dialog") !== null
  );
}

function on() {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
}

function help() {
  return /** @type {HTMLDialogElement | null} */ (document.getElementById("help"));
}

function search() {
  const field = /** @type {HTMLInputElement | null} */ (
    document.querySelector("main input[type=search]:not([disabled])") ??
      document.querySelector("[data-search-fallback]")
  );
  field?.focus();
  field?.select();
  return field !== null;
}

/** @param {number} step */
function move(step) {
  const rows = /** @type {HTMLElement[]} */ ([
    ...document.querySelectorAll("main [data-rows] [data-row], main tbody tr > :is(th, td:first-child) a"),
  ]).filter((row) => row.offsetParent !== null);
  if (!rows.length) return false;
  const now = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  rows[Math.min(rows.length - 1, Math.max(0, now + step))].focus();
  return true;
}

/**
 * Presses the button that a page put on this key: that of the row one is in, else the page's own.
 * @param {string} key
 */
function press(key) {
  const button = `[data-key="${CSS.escape(key)}"]`;
  const row = document.activeElement?.closest("tr, li");
  const own = [...document.querySelectorAll(`main ${button}`)].find((found) => !found.closest("[data-rows]"));
  const found = /** @type {HTMLElement | null | undefined} */ (row?.querySelector(button) ?? own);
  found?.click();
  return Boolean(found);
}

/** Starts listening; once per page. */
export function listen() {
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !on()) return;
    if (Date.now() - going < 1500) {
      going = 0;
      const link = /** @type {HTMLAnchorElement | null} */ (
        document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)
      );
      if (link) {
        event.preventDefault();
        location.href = link.href;
      }
      return;
    }
    if (event.key === "g") going = Date.now();
    else if (event.key === "/" && search()) event.preventDefault();
    else if (event.key === "?") help()?.showModal();
    else if (event.key === "j" && move(1)) event.preventDefault();
    else if (event.key === "k" && move(-1)) event.preventDefault();
    else if (event.key.length === 1 && press(event.key)) event.preventDefault();
  });
  for (const button of document.querySelectorAll("[data-help]")) {
    /** @type {HTMLElement} */ (button).hidden = false;
    button.addEventListener("click", () => help()?.showModal());
  }
  const choice = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-keys-switch]"));
  if (choice) {
    choice.checked = on();
    choice.addEventListener("change", () => localStorage.setItem(STORE, choice.checked ? "on" : "off"));
  }
}
