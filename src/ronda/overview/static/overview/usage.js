/**
 * Charts whose columns stand in the page (`data-plot` names a JSON script) or at an address
 * (`data-plot-url`): hotspot users over time, data by day.
 */
import { library, plot } from "../web/plot.js";

/** @type {Record<string, {colour: string, fill?: boolean}>} */
const STYLES = {
  users: { colour: "--st-maintenance-line", fill: true },
  most: { colour: "--st-degraded-line" },
  down: { colour: "--st-maintenance-line", fill: true },
  up: { colour: "--st-up-line" },
};

/** @type {WeakMap<HTMLElement, any>} */
const drawn = new WeakMap();

/** @param {HTMLElement} box */
async function draw(box) {
  const names = (box.dataset.lines ?? "").split(" ");
  const said = box.parentElement?.querySelector("[data-plot-text]");
  try {
    const [columns] = await Promise.all([read(box), library(box.dataset.uplot ?? "")]);
    drawn.get(box)?.destroy();
    if (names.every((name) => columns[name].every((value) => value === null))) {
      if (said instanceof HTMLElement) said.textContent = said.dataset.none ?? "";
      return;
    }
    const lines = names.map((name) => ({
      label: box.getAttribute(`data-label-${name}`) ?? name,
      scale: "y",
      ...STYLES[name],
    }));
    const values = [columns.at, ...names.map((name) => columns[name])];
    drawn.set(box, plot(box, box.dataset.labelTime ?? "", lines, values));
    if (said) said.textContent = "";
  } catch {
    if (said instanceof HTMLElement) said.textContent = said.dataset.failed ?? "";
  }
}

/**
 * @param {HTMLElement} box
 * @returns {Promise<Record<string, (number | null)[]>>}
 */
async function read(box) {
  if (!box.dataset.plotUrl) {
    return JSON.parse(document.getElementById(box.dataset.plot ?? "")?.textContent ?? "{}");
  }
  const response = await fetch(box.dataset.plotUrl, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

function drawAll() {
  for (const box of document.querySelectorAll("[data-plot], [data-plot-url]")) {
    draw(/** @type {HTMLElement} */ (box));
  }
}
document.addEventListener("ronda:theme", drawAll);
drawAll();
