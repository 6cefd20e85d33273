// The page of one order: it follows the order, counts down, and copies. Without it the page reloads itself.

const page = /** @type {HTMLElement | null} */ (document.querySelector("[data-order]"));
const EVERY_MS = 5000;

/** @param {number} seconds */
function lasting(seconds) {
  const left = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

async function look() {
  if (!page || document.hidden) {
    return;
  }
  try {
    const answer = await fetch(page.dataset.state ?? "", { cache: "no-store" });
    if (answer.ok && (await answer.json()).state !== page.dataset.order) {
      location.reload();
    }
  } catch {
    // The next look may find the line again.
  }
}

if (page?.dataset.follow) {
  // A gateway answers within a second or two; a buyer who pays takes longer.
  const asking = page.dataset.order === "pending:asking";
  setInterval(look, asking ? 1500 : EVERY_MS);
  document.addEventListener("visibilitychange", look);
}

const clock = /** @type {HTMLElement | null} */ (document.querySelector("[data-left]"));
if (clock) {
  // The server said how many seconds are left: the phone's clock may be wrong.
  const end = performance.now() + Number(clock.dataset.left) * 1000;
  const tick = () => {
    clock.textContent = lasting((end - performance.now()) / 1000);
  };
  tick();
  setInterval(tick, 1000);
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  /** @type {HTMLElement} */ (button).hidden = false;
  button.addEventListener("click", async () => {
    const text = /** @type {HTMLElement} */ (button).dataset.copy ?? "";
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // No clipboard over plain http: the old way still copies.
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    button.classList.add("copied");
  });
}
