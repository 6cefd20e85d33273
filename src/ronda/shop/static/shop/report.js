/**
 * Income and margin by day, from the columns that stand in the page.
 */
import { library, plot } from "../web/plot.js";

/** @type {{destroy(): void} | null} */
let drawn = null;

async function draw() {
  const box = document.querySelector("[data-sales]");
  if (!(box instanceof HTMLElement)) return;
  const source = document.getElementById(box.dataset.sales ?? "");
  const columns = JSON.parse(source?.textContent ?? "{}");
  await library(box.dataset.uplot ?? "");
  drawn?.destroy();
  const lines = [
    { label: box.dataset.labelIncome ?? "", colour: "--st-maintenance-line", scale: "y", fill: true },
    { label: box.dataset.labelMargin ?? "", colour: "--st-up-line", scale: "y" },
  ];
  const values = [columns.at, columns.income, columns.margin];
  drawn = plot(box, box.dataset.labelTime ?? "", lines, values);
}

document.addEventListener("ronda:theme", draw);
draw();
