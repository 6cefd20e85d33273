/** Small help on the import pages; they work without it. */

/**
 * Say at once that a file is too large, instead of after sending all of it.
 * @param {HTMLFormElement} form
 */
function guardSize(form) {
  const input = form.querySelector("[data-upload]");
  const warning = form.querySelector("[data-too-large]");
  const button = form.querySelector("[type=submit]");
  const limit = Number(form.dataset.limit);
  if (!(input instanceof HTMLInputElement) || !(warning instanceof HTMLElement)) return;
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    const tooLarge = file !== undefined && file.size > limit;
    warning.hidden = !tooLarge;
    if (button instanceof HTMLButtonElement) button.disabled = tooLarge;
  });
}

/**
 * The box of a whole group ticks its boxes, and a box taken away takes the whole group's away.
 * @param {Element} group
 */
function tieBoxes(group) {
  const all = group.querySelector("[data-all]");
  const boxes = [...group.querySelectorAll("li input[type=checkbox]")];
  if (!(all instanceof HTMLInputElement)) return;
  all.addEventListener("change", () => {
    for (const box of boxes) if (box instanceof HTMLInputElement) box.checked = all.checked;
  });
  for (const box of boxes) {
    box.addEventListener("change", () => {
      if (box instanceof HTMLInputElement && !box.checked) all.checked = false;
    });
  }
}

for (const form of document.querySelectorAll("form[data-limit]")) {
  if (form instanceof HTMLFormElement) guardSize(form);
}
for (const group of document.querySelectorAll("[data-proposals]")) tieBoxes(group);
