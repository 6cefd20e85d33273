// Copies the commands beside a button; without the clipboard (plain http) it selects them instead.

/**
 * @param {HTMLElement} text
 */
function select(text) {
  const range = document.createRange();
  range.selectNodeContents(text);
  const selection = window.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

/** @param {ParentNode} root */
function show(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    /** @type {HTMLElement} */ (button).hidden = false;
  }
}

document.addEventListener("click", async (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-copy]");
  /** @type {HTMLElement | null | undefined} */
  const text = button?.closest("figure")?.querySelector("code");
  if (!button || !text) {
    return;
  }
  try {
    await navigator.clipboard.writeText(text.textContent ?? "");
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  } catch {
    select(text);
  }
});

show(document);
