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
  /** @type {{at: number[], took_s: (number|null)[], loss: (number|null)[]}} */
  let rounds;
  try {
    [rounds] = await Promise.all([read(box.dataset.rounds ?? ""), library(box.dataset.uplot ?? "")]);
  } catch {
    if (said) said.textContent = said.dataset.failed ?? "";
    return;
  }
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
      [rounds.at, rounds.took_s, rounds.loss.map((share) => (share === null ? null : share * 100))],
    );
  };
  document.addEventListener("ronda:theme", show);
  show();
}

/** @param {string} address */
async function read(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}
