/**
 * Draws columns of numbers over time with uPlot, in the page's colours and width.
 */

/** @typedef {{label: string, colour: string, scale: string, fill?: boolean}} Line */

/** @type {Promise<void> | null} */
let loading = null;

/**
 * Load the plotting library once; it is not a module and puts `uPlot` on the window.
 * @param {string} address
 * @returns {Promise<void>}
 */
export function library(address) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => {
      loading = null;
      script.remove();
      reject(new Error(address));
    };
    document.head.append(script);
  });
  return loading;
}

/**
 * @param {string} name
 * @returns {string}
 */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "gray";
}

/**
 * @param {HTMLElement} box
 * @param {string} timeLabel
 * @param {Line[]} lines
 * @param {Array<Array<number | null>>} columns seconds first, then one column per line
 * @returns {any} the plot; `destroy()` removes it
 */
export function plot(box, timeLabel, lines, columns) {
  const ink = colour("--ink");
  const grid = { stroke: colour("--line"), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid };
  const scales = [...new Set(lines.map((line) => line.scale))];
  const fit = new ResizeObserver(() => {
    made.setSize({ width: Math.max(280, box.clientWidth), height: 260 });
  });
  const options = {
    hooks: { destroy: [() => fit.disconnect()] },
    width: Math.max(280, box.clientWidth),
    height: 260,
    scales: {
      x: { time: true },
      ...Object.fromEntries(scales.map((name) => [name, { range: fromZero }])),
    },
    axes: [
      { ...axis, values: moments(box.dataset.zone) },
      ...scales.map((scale, number) => ({
        ...axis,
        scale,
        side: number ? 1 : 3,
        size: 56,
        grid: number ? { show: false } : grid,
      })),
    ],
    series: [
      { label: timeLabel, value: moment(box.dataset.zone) },
      ...lines.map((line) => ({
        label: line.label,
        scale: line.scale,
        stroke: colour(line.colour),
        fill: line.fill ? `${colour(line.colour)}33` : undefined,
        width: 1.5,
        spanGaps: false,
        points: { filter: alone },
      })),
    ],
  };
  const Plot = /** @type {any} */ (window).uPlot;
  const made = new Plot(options, columns, box);
  fit.observe(box);
  return made;
}

/**
 * A line needs two neighbours: a value between two gaps is drawn as a point, or nobody would see it.
 * @param {any} plot
 * @param {number} series
 * @param {boolean} all there is room for every point
 * @returns {number[] | null} places of the points to draw, null for all of them
 */
function alone(plot, series, all) {
  if (all) return null;
  const values = plot.data[series];
  return [...values.keys()].filter(
    (at) => values[at] != null && values[at - 1] == null && values[at + 1] == null,
  );
}

/**
 * Times of an axis in the installation's zone and the page's language: hours of a day, days of a
 * month, months of a year.
 * @param {string | undefined} zone
 * @returns {(plot: unknown, splits: number[]) => string[]}
 */
function moments(zone) {
  const forms = [
    { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    { day: "numeric", month: "short" },
    { month: "short", year: "numeric" },
  ].map((form) => format(zone, form));
  return (_plot, splits) => {
    const days = ((splits.at(-1) ?? 0) - (splits[0] ?? 0)) / 86400;
    const form = forms[days < 1.5 ? 0 : days < 120 ? 1 : 2];
    return splits.map((at) => form.format(at * 1000));
  };
}

/**
 * @param {string | undefined} zone
 * @returns {(plot: unknown, at: number | null) => string}
 */
function moment(zone) {
  const form = format(zone, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
  return (_plot, at) => (at === null ? "–" : form.format(at * 1000));
}

/**
 * @param {string | undefined} zone
 * @param {object} form
 * @returns {Intl.DateTimeFormat}
 */
function format(zone, form) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { ...form, timeZone: zone });
}

/**
 * @param {unknown} _plot
 * @param {number | null} _low
 * @param {number | null} high
 * @returns {[number, number]}
 */
function fromZero(_plot, _low, high) {
  return [0, Math.max(1, (high ?? 1) * 1.1)];
}
