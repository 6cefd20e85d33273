/**
 * What parts of a page ask of the server through htmx: what is sent along, and what is said when no good answer comes.
 */
import { refresh } from "./age.js";
import { token } from "./csrf.js";
import { text } from "./texts.js";

/** @param {Event} event */
function detail(event) {
  return /** @type {CustomEvent} */ (event).detail;
}

function prove() {
  document.addEventListener("htmx:configRequest", (event) => {
    const found = token();
    if (found) detail(event).headers["X-CSRFToken"] = found;
  });
}

/**
 * One message at a time, above the page's content: the last failure is the one that matters.
 * @param {string} key
 */
function tell(key) {
  const main = document.querySelector("main");
  if (!main) return;
  let list = main.querySelector(":scope > .flashes");
  if (!list) {
    list = document.createElement("ul");
    list.className = "flashes";
    main.prepend(list);
  }
  const line = document.createElement("li");
  line.className = "flash flash-error";
  line.setAttribute("role", "alert");
  line.dataset.failed = "";
  line.textContent = text(key);
  untell();
  list.append(line);
}

function untell() {
  for (const old of document.querySelectorAll("[data-failed]")) old.remove();
}

/** What renews itself tries again by itself; only what somebody did is worth a message. */
function failures() {
  document.addEventListener("htmx:afterRequest", (event) => {
    const { requestConfig, successful, xhr } = detail(event);
    if (!requestConfig?.triggeringEvent) return;
    if (successful) untell();
    else if (!xhr?.status) tell("no-answer");
    else tell(xhr.status === 503 ? "busy" : "refused");
  });
}

export function asking() {
  prove();
  failures();
  document.addEventListener("htmx:afterSettle", () => refresh());
}
