/**
 * The charts of one router's health (upkeep/router.html): one answer draws them all.
 */
import { library, plot } from "../web/plot.js";

/** @typedef {{at: number[], [column: string]: (number|null)[]}} Answer */

const card = /** @type {HTMLElement | null} */ (document.querySelector("[data-health]"));
if (card) start(card);

/** @param {HTMLElement} card */
function start(card) {
  const boxes = /** @type {HTMLElement[]} */ ([...card.querySelectorAll("[data-columns]")]);
  const ranges = /** @type {HTMLElement} */ (card.querySelector("[data-ranges]"));
  /** @type {any[]} */
  let drawn = [];
  let hours = 24;
  let asked = 0;

  async function draw() {
    const mine = ++asked;
    try {
      const [answer] = await Promise.all([
        read(card.dataset.health ?? "", hours),
        library(card.dataset.uplot ?? ""),
      ]);
      if (mine !== asked) return;
      for (const chart of drawn) chart.destroy();
      drawn = boxes.map((box) => one(box, answer, card)).filter((chart) => chart !== null);
    } catch {
      if (mine === asked) for (const box of boxes) say(box, card.dataset.failed ?? "");
    }
  }

  ranges.hidden = false;
  ranges.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (!button) return;
    hours = Number(button.dataset.hours);
    for (const other of ranges.querySelectorAll("button")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    draw();
  });
  document.addEventListener("ronda:theme", draw);
  draw();
}

/**
 * @param {string} address
 * @param {number} hours
 * @returns {Promise<Answer>}
 */
async function read(address, hours) {
  const response = await fetch(`${address}?hours=${hours}`, {
    headers: { Accept: "application/json" },
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

/**
 * @param {HTMLElement} box
 * @param {Answer} answer
 * @param {HTMLElement} card
 * @returns {any} the plot, null when there is nothing to draw
 */
function one(box, answer, card) {
  const names = (box.dataset.columns ?? "").split(" ");
  const labels = (box.dataset.labels ?? "").split("|");
  const colours = (box.dataset.colours ?? "").split(" ");
  const columns = names.map((name) => answer[name] ?? []);
  const empty = columns.every((column) => column.every((value) => value === null));
  const figure = /** @type {HTMLElement} */ (box.closest("figure"));
  // A router without sensors has no chart of them.
  if (figure.dataset.optional !== undefined) figure.hidden = empty;
  box.hidden = empty;
  if (empty) {
    say(box, card.dataset.none ?? "");
    return null;
  }
  const lines = names.map((_name, number) => ({
    label: labels[number],
    colour: colours[number],
    scale: box.dataset.scale ?? "",
  }));
  const said = card.dataset.said ?? "";
  say(box, columns.map((column, number) => sentence(said, labels[number], column)).join(" "));
  return plot(box, box.dataset.labelTime ?? "", lines, [answer.at, ...columns]);
}

/**
 * @param {HTMLElement} box
 * @param {string} text
 */
function say(box, text) {
  const place = box.parentElement?.querySelector("[data-chart-text]");
  if (place) place.textContent = text;
}

/**
 * What one line of a chart shows, in words, for who cannot see it.
 * @param {string} pattern
 * @param {string} label
 * @param {(number|null)[]} column
 * @returns {string}
 */
function sentence(pattern, label, column) {
  const known = /** @type {number[]} */ (column.filter((value) => value !== null));
  if (!known.length) return "";
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const form = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  return pattern
    .replace("{label}", label)
    .replace("{mean}", form.format(mean))
    .replace("{most}", form.format(Math.max(...known)));
}
