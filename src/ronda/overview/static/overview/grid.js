/**
 * Gathers what lies in view into the cells of a grid, so that the cost of a picture depends on the screen and not
 * on the fleet. Pure: typed arrays in, typed arrays out; arrays are kept between pictures.
 *
 * Cells are aligned to the world, not to the screen: moving the map does not regroup what is seen.
 */
import { SEVERITY, STATES } from "./fleet.js";

export const CELL = 48;
/** From this zoom on every ONT is drawn by itself; few are in view. */
export const SINGLES_ZOOM = 17;
/** Rings whose middles are nearer than this cover each other; they may touch. */
const APART = 40;
/** ONTs closer than this on the screen would hide each other: they are fanned out. */
const SAME_PLACE = 3;
const FAN_FIRST = 22;
const FAN_STEP = 24;

/**
 * @typedef {{zoom: number, left: number, top: number, width: number, height: number}} View
 *   left and top in world pixels of this zoom
 * @typedef {{index: number, x: number, y: number, fromX: number, fromY: number}} Spot
 *   one ONT on the screen; `from` is its true place when it was fanned out
 * @typedef {{x: number, y: number, total: number, worst: number, states: Uint32Array, cell: number}} Cluster
 */

export class Grid {
  constructor() {
    this.columns = 0;
    this.rows = 0;
    this.firstColumn = 0;
    this.firstRow = 0;
    this.total = new Uint32Array(0);
    this.counts = new Uint32Array(0);
    this.sumX = new Float64Array(0);
    this.sumY = new Float64Array(0);
    this.only = new Int32Array(0);
    /** @type {Spot[]} */
    this.spots = [];
    /** @type {Cluster[]} */
    this.clusters = [];
  }

  /**
   * Gathers the fleet for one picture into `spots` (ONTs drawn alone) and `clusters`.
   * @param {import("./fleet.js").Fleet} fleet
   * @param {View} view
   */
  gather(fleet, view) {
    this.spots = [];
    this.clusters = [];
    if (view.zoom >= SINGLES_ZOOM) this.apart(fleet, view);
    else this.together(fleet, view);
  }

  /**
   * @param {import("./fleet.js").Fleet} fleet
   * @param {View} view
   */
  together(fleet, view) {
    this.clear(view);
    const { x, y, states, shown, size } = fleet;
    const scale = 2 ** view.zoom;
    const { columns, rows, firstColumn, firstRow, total, counts, sumX, sumY, only } = this;
    const left = firstColumn * CELL;
    const top = firstRow * CELL;
    for (let i = 0; i < size; i++) {
      if (shown[i] === 0) continue;
      const px = x[i] * scale - left;
      const py = y[i] * scale - top;
      // Written so that NaN (no coordinates) fails too.
      if (!(px >= 0 && py >= 0)) continue;
      const column = (px / CELL) | 0;
      const row = (py / CELL) | 0;
      if (column >= columns || row >= rows) continue;
      const cell = row * columns + column;
      total[cell]++;
      counts[cell * STATES + states[i]]++;
      sumX[cell] += px;
      sumY[cell] += py;
      only[cell] = i;
    }
    this.merge(left - view.left, top - view.top);
  }

  /**
   * Makes spots and clusters of the cells. A village that lies across the lines of the grid would show as four
   * rings that cover each other: cells whose middles are near take one ring, the fullest first.
   * @param {number} shiftX from the grid to the screen
   * @param {number} shiftY
   */
  merge(shiftX, shiftY) {
    const { columns, total, counts, sumX, sumY, only } = this;
    const cells = [];
    for (let cell = 0; cell < columns * this.rows; cell++) if (total[cell]) cells.push(cell);
    // Equal ones in the order of the grid, so that the same fleet always gives the same picture.
    cells.sort((a, b) => total[b] - total[a] || a - b);
    for (const cell of cells) {
      if (total[cell] === 0) continue;
      const middleX = sumX[cell] / total[cell];
      const middleY = sumY[cell] / total[cell];
      const own = counts.subarray(cell * STATES, cell * STATES + STATES);
      for (const step of [-columns - 1, -columns, 1 - columns, -1, 1, columns - 1, columns, columns + 1]) {
        const other = cell + step;
        // Beyond the first or last column this is a far cell of another row; its distance leaves it out.
        if (!total[other]) continue;
        const distanceX = sumX[other] / total[other] - middleX;
        const distanceY = sumY[other] / total[other] - middleY;
        if (distanceX * distanceX + distanceY * distanceY >= APART * APART) continue;
        for (let state = 0; state < STATES; state++) own[state] += counts[other * STATES + state];
        total[cell] += total[other];
        total[other] = 0;
      }
      const here = total[cell];
      // At the middle of the fullest cell, not of all: only so do rings keep the distance that was tested.
      const x = middleX + shiftX;
      const y = middleY + shiftY;
      if (here === 1) this.spots.push({ index: only[cell], x, y, fromX: x, fromY: y });
      else this.clusters.push({ x, y, total: here, worst: worstOf(own), states: own, cell });
      // Taken: nobody after it may take it again.
      total[cell] = 0;
    }
  }

  /** @param {View} view */
  clear(view) {
    // One cell more on every side: a cluster whose middle is outside still reaches into the picture.
    this.firstColumn = Math.floor(view.left / CELL) - 1;
    this.firstRow = Math.floor(view.top / CELL) - 1;
    this.columns = Math.ceil((view.left + view.width) / CELL) - this.firstColumn + 1;
    this.rows = Math.ceil((view.top + view.height) / CELL) - this.firstRow + 1;
    const cells = this.columns * this.rows;
    if (cells > this.total.length) {
      this.total = new Uint32Array(cells);
      this.counts = new Uint32Array(cells * STATES);
      this.sumX = new Float64Array(cells);
      this.sumY = new Float64Array(cells);
      this.only = new Int32Array(cells);
    } else {
      this.total.fill(0);
      this.counts.fill(0);
      this.sumX.fill(0);
      this.sumY.fill(0);
    }
  }

  /**
   * Every ONT by itself; those on one place fanned out in rings around it.
   * @param {import("./fleet.js").Fleet} fleet
   * @param {View} view
   */
  apart(fleet, view) {
    const scale = 2 ** view.zoom;
    const margin = CELL;
    /** @type {Map<string, number[]>} */
    const places = new Map();
    for (let i = 0; i < fleet.size; i++) {
      if (fleet.shown[i] === 0) continue;
      const px = fleet.x[i] * scale;
      const py = fleet.y[i] * scale;
      if (!(px >= view.left - margin && px <= view.left + view.width + margin)) continue;
      if (!(py >= view.top - margin && py <= view.top + view.height + margin)) continue;
      const key = `${Math.round(px / SAME_PLACE)}/${Math.round(py / SAME_PLACE)}`;
      const same = places.get(key);
      if (same) same.push(i);
      else places.set(key, [i]);
    }
    for (const same of places.values()) {
      const fromX = fleet.x[same[0]] * scale - view.left;
      const fromY = fleet.y[same[0]] * scale - view.top;
      if (same.length === 1) {
        this.spots.push({ index: same[0], x: fromX, y: fromY, fromX, fromY });
        continue;
      }
      // The same ONT keeps the same place in the fan, whatever its neighbours' states do.
      same.sort((a, b) => fleet.ids[a] - fleet.ids[b]);
      same.forEach((index, k) => {
        const [dx, dy] = fan(k, same.length);
        this.spots.push({ index, x: fromX + dx, y: fromY + dy, fromX, fromY });
      });
    }
  }

  /**
   * What lies under a point of the screen: an ONT before a cluster, the nearest of each.
   * @param {number} x
   * @param {number} y
   * @param {number} reach how far a finger or pointer may be off
   * @returns {{spot: Spot} | {cluster: Cluster} | null}
   */
  hit(x, y, reach) {
    const spot = nearest(this.spots, x, y, reach);
    if (spot) return { spot };
    const cluster = nearest(this.clusters, x, y, Math.max(reach, CELL / 2));
    return cluster ? { cluster } : null;
  }
}

/**
 * The offset of the k-th of n ONTs on one place: rings of 8, 16, 24 … around it.
 * @param {number} k
 * @param {number} n
 * @returns {[number, number]}
 */
export function fan(k, n) {
  let ring = 0;
  let before = 0;
  while (k >= before + 8 * (ring + 1)) {
    before += 8 * (ring + 1);
    ring++;
  }
  const onRing = Math.min(8 * (ring + 1), n - before);
  const angle = (2 * Math.PI * (k - before)) / onRing - Math.PI / 2;
  const radius = FAN_FIRST + ring * FAN_STEP;
  return [Math.cos(angle) * radius, Math.sin(angle) * radius];
}

/**
 * The digit of the worst state that occurs.
 * @param {Uint32Array} counts by state
 */
export function worstOf(counts) {
  let worst = -1;
  for (let state = 0; state < STATES; state++) {
    if (counts[state] && (worst < 0 || SEVERITY[state] > SEVERITY[worst])) worst = state;
  }
  return worst;
}

/**
 * @template {{x: number, y: number}} T
 * @param {T[]} things
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 * @returns {T | null}
 */
function nearest(things, x, y, reach) {
  let best = null;
  let least = reach * reach;
  for (const thing of things) {
    const distance = (thing.x - x) ** 2 + (thing.y - y) ** 2;
    if (distance <= least) {
      best = thing;
      least = distance;
    }
  }
  return best;
}
