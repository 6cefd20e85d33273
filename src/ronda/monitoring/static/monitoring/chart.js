/**
 * The round-trip and loss chart of one ONT (monitoring/part_chart.html), which htmx may bring later.
 */
import { library, plot } from "../web/plot.js";

/** @typedef {{at: number[], rtt_ms: (number|null)[], worst_ms: (number|null)[], loss: (number|null)[]}} Answer */

function startAll() {
  for (const box of document.querySelectorAll("[data-chart]:not([data-started])")) {
    start(/** @type {HTMLElement} */ (box));
  }
}
document.addEventListener("htmx:load", startAll);
startAll();

/** @param {HTMLElement} box */
function start(box) {
  box.dataset.started = "";
  const card = /** @type {HTMLElement} */ (box.closest(".chart-part"));
  const ranges = /** @type {HTMLElement | null} */ (card.querySelector("[data-chart-ranges]"));
  /** @type {any} */
  let drawn = null;
  let hours = 24;
  let asked = 0;

  async function draw() {
    const mine = ++asked;
    const said = /** @type {HTMLElement} */ (card.querySelector("[data-chart-text]"));
    try {
      const [answer] = await Promise.all([read(box, hours), library(box.dataset.uplot ?? "")]);
      if (mine !== asked) return;
      drawn?.destroy();
      drawn = null;
      const loss = answer.loss.map((share) => (share === null ? null : share * 100));
      if (loss.every((share) => share === null)) {
        said.textContent = said.dataset.none ?? "";
        return;
      }
      drawn = plot(
        box,
        box.dataset.labelTime ?? "",
        [
          { label: box.dataset.labelRtt ?? "", colour: "--st-up", scale: "ms" },
          { label: box.dataset.labelWorst ?? "", colour: "--st-degraded", scale: "ms" },
          { label: box.dataset.labelLoss ?? "", colour: "--st-down", scale: "%", fill: true },
        ],
        [answer.at, answer.rtt_ms, answer.worst_ms, loss],
      );
      said.textContent = sentence(said.dataset.said ?? "", answer, loss);
    } catch {
      if (mine === asked) said.textContent = said.dataset.failed ?? "";
    }
  }

  if (ranges) {
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
  }
  document.addEventListener("ronda:theme", draw);
  draw();
}

/**
 * @param {HTMLElement} box
 * @param {number} hours
 * @returns {Promise<Answer>}
 */
async function read(box, hours) {
  const end = Math.floor(Date.now() / 1000);
  const points = Math.max(100, Math.min(1000, box.clientWidth));
  const query = new URLSearchParams({
    from: String(end - hours * 3600),
    to: String(end),
    points: String(points),
  });
  const response = await fetch(`${box.dataset.chart}?${query}`, {
    headers: { Accept: "application/json" },
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

/**
 * What the chart shows, in words, for who cannot see it.
 * @param {string} pattern
 * @param {Answer} answer
 * @param {(number|null)[]} loss
 * @returns {string}
 */
function sentence(pattern, answer, loss) {
  const known = (/** @type {(number|null)[]} */ values) =>
    values.filter((value) => value !== null).sort((a, b) => Number(a) - Number(b));
  const rtts = known(answer.rtt_ms);
  const worst = known(answer.worst_ms);
  const losses = known(loss);
  const mean = losses.reduce((sum, value) => Number(sum) + Number(value), 0) ?? 0;
  const number = (/** @type {number|null|undefined} */ value) =>
    value === null || value === undefined
      ? "–"
      : new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(value);
  return pattern
    .replace("{median}", number(rtts[Math.floor(rtts.length / 2)]))
    .replace("{worst}", number(worst.at(-1)))
    .replace("{loss}", number(Number(mean) / Math.max(1, losses.length)));
}
