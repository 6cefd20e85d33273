// Says while a password is typed how strong it looks. Length counts most; repeated characters count little.

for (const hint of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-strength]"))) {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById(hint.dataset.strength ?? ""));
  const meter = hint.querySelector("meter");
  const word = hint.querySelector("span");
  if (!field || !meter || !word) continue;
  field.addEventListener("input", () => {
    const length = [...field.value].length;
    const worth = length < 10 ? length : Math.min(length, new Set(field.value).size + 6);
    meter.value = Math.min(20, worth);
    const { weak, fair, strong } = hint.dataset;
    word.textContent = (length < 10 ? weak : worth < 16 ? fair : strong) ?? "";
    hint.hidden = length === 0;
  });
}
