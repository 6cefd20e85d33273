// Choosing rows of a list: a box for the whole page and a count. Without this script the boxes and
// buttons work all the same.

/** @param {HTMLFormElement} form */
function dress(form) {
  const all = /** @type {HTMLInputElement | null} */ (form.querySelector("[data-choose-all]"));
  const count = form.querySelector("[data-choose-count]");
  if (!all || !count) return;
  const boxes = () =>
    /** @type {HTMLInputElement[]} */ ([
      ...form.querySelectorAll('input[name="ont"], input[data-choose-row]'),
    ]);
  const show = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    count.textContent = chosen ? `(${chosen})` : "";
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && !all.checked;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    show();
  });
  form.addEventListener("change", show);
  show();
}

function dressAll() {
  for (const form of document.querySelectorAll("form[data-choose]:not([data-dressed])")) {
    form.setAttribute("data-dressed", "");
    dress(/** @type {HTMLFormElement} */ (form));
  }
}

dressAll();
document.addEventListener("htmx:afterSettle", dressAll);
