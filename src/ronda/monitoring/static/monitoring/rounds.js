/**
 * Duration and loss of the watch's rounds (monitoring/health.html).
 */
import { library, plot } from "../web/plot.js";

for (const box of document.querySelectorAll("[data-rounds]")) {
  draw(/** @type {HTMLElement} */ (box));
}

/** @param {HTMLElement} box */
async function draw(box) {
  const said = /** @type {HTMLElement | null} */ (box.parentElement?.querySelector("[data-chart-text]"));
  const [response] = await Promise.all([
    fetch(box.dataset.rounds ?? "", { headers: { Accept: "application/json" } }),
    library(box.dataset.uplot ?? ""),
  ]);
  if (!response.ok) return;
  const rounds = await response.json();
  if (rounds.at.length === 0) {
    if (said) said.textContent = said.dataset.none ?? "";
    return;
  }
  /** @type {any} */
  let drawn = null;
  const show = () => {
    drawn?.destroy();
    drawn = plot(
      box,
      box.dataset.labelTime ?? "",
      [
        { label: box.dataset.labelTook ?? "", colour: "--st-up", scale: "s" },
        { label: box.dataset.labelLoss ?? "", colour: "--st-down", scale: "%", fill: true },
      ],
      [
        rounds.at,
        rounds.took_s,
        rounds.loss.map((/** @type {number|null} */ share) => (share === null ? null : share * 100)),
      ],
    );
  };
  document.addEventListener("ronda:theme", show);
  show();
}
