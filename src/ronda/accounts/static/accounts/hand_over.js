// Copying and sharing a one-time link. Without the clipboard (plain http) the link is selected instead.

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (
  document.querySelectorAll("[data-copy]")
)) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy ?? "");
      const label = button.querySelector("span");
      if (label) label.textContent = button.dataset.done ?? "";
    } catch {
      /** @type {HTMLInputElement | null} */ (document.getElementById("link"))?.select();
    }
  });
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (
  document.querySelectorAll("[data-share]")
)) {
  button.hidden = !navigator.share;
  button.addEventListener("click", () => navigator.share({ text: button.dataset.share }).catch(() => {}));
}
