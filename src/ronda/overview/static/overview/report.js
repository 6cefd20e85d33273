/** The print button, which needs a script and is hidden without one. */

for (const element of document.querySelectorAll("[data-print]")) {
  const button = /** @type {HTMLElement} */ (element);
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
