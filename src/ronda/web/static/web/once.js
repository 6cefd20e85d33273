/**
 * A form that was sent and is not answered yet is not sent a second time: two taps on a slow line are one act.
 */

/** An answer that is a file leaves the page where it is: after so long the form may be sent again. */
const FORGET_MS = 10_000;

/**
 * @param {EventTarget} root where forms are sent
 * @param {EventTarget} page tells when it is shown again, as by the browser's "back"
 */
export function once(root = document, page = window) {
  /** @type {WeakSet<EventTarget>} */
  let sent = new WeakSet();
  root.addEventListener("submit", (event) => {
    const form = event.target;
    // A field may be called "method": only the attribute says how it is sent.
    const how = /** @type {Element | null} */ (form)?.getAttribute("method");
    if (event.defaultPrevented || !form || how?.toLowerCase() !== "post") return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    const asked = sent;
    asked.add(form);
    setTimeout(() => asked.delete(form), FORGET_MS);
  });
  page.addEventListener("pageshow", () => {
    sent = new WeakSet();
  });
}
