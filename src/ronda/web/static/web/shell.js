/**
 * What every page does: menus, messages, theme, keyboard, and the live connection. Everything here only adds to
 * pages that work without it.
 */
import { refresh } from "./age.js";
import { asking } from "./asking.js";
import { listen } from "./keys.js";
import { live } from "./live.js";
import { follow } from "./marks.js";
import { once } from "./once.js";
import { number } from "./texts.js";
import { followWork } from "./works.js";

/** Menus are <details>: they open without a script; a script closes them again. */
function menus() {
  const open = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of open())
      if (!menu.contains(/** @type {Node} */ (event.target))) menu.removeAttribute("open");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.removeAttribute("open");
      menu.querySelector("summary")?.focus();
    }
  });
}

function messages() {
  for (const button of document.querySelectorAll("[data-dismiss]")) {
    /** @type {HTMLElement} */ (button).hidden = false;
    button.addEventListener("click", () => button.closest(".flash")?.remove());
  }
  for (const button of document.querySelectorAll("dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog")?.close());
  }
}

/** On a phone the filters would fill the screen: all but the first fold away, unless one is in use. */
function filters() {
  const asked = new URLSearchParams(location.search);
  for (const form of document.querySelectorAll("form[data-filters]")) {
    const fields = [...form.querySelectorAll(".field")];
    const more = form.querySelector("[data-more]");
    if (!(more instanceof HTMLButtonElement)) continue;
    // What the address asks for: a field may have a value of its own accord.
    const used = fields
      .slice(1)
      .some((field) =>
        [...field.querySelectorAll("[name]")].some((one) => asked.get(one.getAttribute("name") ?? "")),
      );
    form.classList.toggle("filters-folded", !used);
    if (fields.length < 2) continue;
    more.hidden = false;
    more.setAttribute("aria-expanded", String(used));
    more.addEventListener("click", () => {
      more.setAttribute("aria-expanded", String(!form.classList.toggle("filters-folded")));
    });
  }
}

/** Without a script the form goes to the server, which sets the cookie; with one the page does not reload. */
function theme() {
  for (const form of document.querySelectorAll("form[data-theme-form]")) {
    form.addEventListener("submit", (event) => {
      const button = /** @type {SubmitEvent} */ (event).submitter;
      if (!(button instanceof HTMLButtonElement)) return;
      event.preventDefault();
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and over plain HTTP
      document.cookie = `theme=${button.value}; path=/; max-age=31536000; samesite=lax`;
      document.documentElement.dataset.theme = button.value;
      document.dispatchEvent(new CustomEvent("ronda:theme-chosen"));
      for (const other of document.querySelectorAll("form[data-theme-form] button")) {
        other.setAttribute(
          "aria-pressed",
          String(/** @type {HTMLButtonElement} */ (other).value === button.value),
        );
      }
    });
  }
}

/** News makes notices a moment later: the number on the bell follows, at most every ten seconds. */
function unread() {
  const address = /** @type {HTMLElement | null} */ (document.querySelector("[data-unread-from]"))?.dataset
    .unreadFrom;
  if (!address) return;
  let asked = 0;
  const ask = async () => {
    asked = 0;
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok) return;
    const { unread, mine } = await answer.json();
    const count = unread + (mine ?? 0);
    for (const badge of document.querySelectorAll("[data-unread]")) {
      badge.textContent = number(count);
      /** @type {HTMLElement} */ (badge).hidden = count === 0;
    }
  };
  document.addEventListener("ronda:delta", (event) => {
    const { rows, changed } = /** @type {CustomEvent} */ (event).detail;
    if ((rows?.length || changed?.length) && !asked) asked = window.setTimeout(ask, 10_000);
  });
}

/** A screen on a wall has nobody to reload it after an upgrade. */
function upgrades() {
  document.addEventListener("ronda:build", () => {
    if (document.body.classList.contains("page-wallboard")) location.reload();
  });
}

upgrades();
menus();
messages();
theme();
filters();
once();
asking();
listen();
refresh();
followWork();
if (live) {
  follow();
  unread();
  live.start();
}
