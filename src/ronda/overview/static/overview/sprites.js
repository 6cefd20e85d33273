/**
 * The shapes of the states on a canvas: drawn once per theme and screen density, then only copied. Each shape has
 * the colour of the page's tokens and a light and a dark outline, so that it stands out on any base map.
 */
import { DEGRADED, FLAPPING, SEVERITY, STATES, UP } from "./fleet.js";

/** Side of a sprite in CSS pixels, outlines and the flapping badge included. */
export const SPRITE = 28;
const NAMES = ["unknown", "up", "suspect", "down", "unreachable", "maintenance", "paused"];
/** The smallest part of a ring in radians: one ONT that is down among five hundred must still be seen. */
const LEAST = 0.35;

/**
 * @typedef {{fill: string, line: string}} Ink
 * @typedef {{states: Ink[], degraded: Ink, flapping: Ink, card: string, ink: string, soft: string}} Palette
 */

/**
 * The colours of the theme in force.
 * @param {Element} element
 * @returns {Palette}
 */
export function palette(element) {
  const style = getComputedStyle(element);
  /** @param {string} name */
  const value = (name) => style.getPropertyValue(name).trim();
  /** @param {string} name @returns {Ink} */
  const ink = (name) => ({ fill: value(`--st-${name}`), line: value(`--st-${name}-line`) });
  return {
    states: NAMES.map(ink),
    degraded: ink("degraded"),
    flapping: ink("flapping"),
    card: value("--card") || "#fff",
    ink: value("--ink") || "#111",
    soft: value("--ink-soft") || "#555",
  };
}

/** Traces the shape of a state around the origin, about 14 pixels wide. @type {((pen: Path2D) => void)[]} */
const TRACES = [
  (path) => path.arc(0, 0, 6.5, 0, 7),
  (path) => path.arc(0, 0, 6.5, 0, 7),
  (path) => triangle(path),
  (path) => path.rect(-6.5, -6.5, 13, 13),
  (path) => diamond(path),
  (path) => wrench(path),
  (path) => path.arc(0, 0, 6.5, 0, 7),
];

/** @param {Path2D} path */
function triangle(path) {
  path.moveTo(0, -7.5);
  path.lineTo(7.5, 6);
  path.lineTo(-7.5, 6);
  path.closePath();
}

/** @param {Path2D} path */
function diamond(path) {
  path.moveTo(0, -8);
  path.lineTo(8, 0);
  path.lineTo(0, 8);
  path.lineTo(-8, 0);
  path.closePath();
}

/** @param {Path2D} path */
function wrench(path) {
  path.moveTo(-7, 4.5);
  path.lineTo(-1, -1.5);
  path.arc(3, -3, 4.2, Math.PI * 0.85, Math.PI * 1.62);
  path.lineTo(3, -3.6);
  path.lineTo(4.4, -2.2);
  path.lineTo(7, -3.4);
  path.arc(3, -3, 4.2, -0.1, Math.PI * 0.65);
  path.lineTo(-4.5, 7);
  path.closePath();
}

export class Sprites {
  /**
   * @param {Palette} colours
   * @param {number} density device pixels per CSS pixel
   */
  constructor(colours, density) {
    this.colours = colours;
    this.density = density;
    /** @type {Map<number, HTMLCanvasElement>} */
    this.made = new Map();
    /** @type {Map<number, HTMLCanvasElement>} */
    this.discs = new Map();
    this.lastFont = "";
  }

  /**
   * One ONT at a point of the screen.
   * @param {CanvasRenderingContext2D} pen
   * @param {number} state
   * @param {number} overlay
   * @param {number} x
   * @param {number} y
   */
  draw(pen, state, overlay, x, y) {
    const key = state * 4 + (overlay & 3);
    let sprite = this.made.get(key);
    if (!sprite) {
      sprite = this.make(state, overlay);
      this.made.set(key, sprite);
    }
    pen.drawImage(sprite, x - SPRITE / 2, y - SPRITE / 2, SPRITE, SPRITE);
  }

  /** @param {number} side CSS pixels */
  sheet(side) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.ceil(side * this.density);
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.scale(this.density, this.density);
    pen.translate(side / 2, side / 2);
    pen.lineJoin = "round";
    pen.lineCap = "round";
    return { canvas, pen };
  }

  /** @param {number} state @param {number} overlay */
  make(state, overlay) {
    const { canvas, pen } = this.sheet(SPRITE);
    const slow = state === UP && (overlay & DEGRADED) !== 0;
    const colours = slow ? this.colours.degraded : this.colours.states[state];
    const path = new Path2D();
    (slow ? triangle : TRACES[state])(path);
    pen.strokeStyle = "#1a1f2e";
    pen.lineWidth = 5;
    pen.stroke(path);
    pen.strokeStyle = "#fff";
    pen.lineWidth = 3.4;
    pen.stroke(path);
    const hollow = state === 4 || state === 0 || state === 6;
    pen.fillStyle = hollow ? "#fff" : colours.fill;
    pen.fill(path);
    if (hollow) {
      pen.strokeStyle = state === 4 ? "#b0568a" : "#5d6577";
      pen.lineWidth = 2.6;
      if (state === 0) pen.setLineDash([2.6, 2.5]);
      pen.stroke(path);
      pen.setLineDash([]);
    }
    this.inside(pen, state, slow);
    if (overlay & FLAPPING) this.zigzag(pen);
    return canvas;
  }

  /** @param {CanvasRenderingContext2D} pen @param {number} state @param {boolean} slow */
  inside(pen, state, slow) {
    /** @param {number[][]} lines @param {string} colour @param {number} width */
    const lines = (lines, colour, width) => {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.beginPath();
      for (const [ax, ay, bx, by] of lines) {
        pen.moveTo(ax, ay);
        pen.lineTo(bx, by);
      }
      pen.stroke();
    };
    if (state === 3)
      lines(
        [
          [-3, -3, 3, 3],
          [3, -3, -3, 3],
        ],
        "#fff",
        2,
      ); // prettier-ignore
    if (state === 0)
      lines(
        [
          [-3, 2, 2, -3],
          [-1.5, 3.2, 3.2, -1.5],
        ],
        "#5d6577",
        1.2,
      ); // prettier-ignore
    if (state === 6)
      lines(
        [
          [-1.8, -2.5, -1.8, 2.5],
          [1.8, -2.5, 1.8, 2.5],
        ],
        "#5d6577",
        1.8,
      ); // prettier-ignore
    if (slow)
      lines(
        [
          [0, -2.5, 0, 1.2],
          [0, 3.8, 0, 3.9],
        ],
        "#1b1b1b",
        1.8,
      ); // prettier-ignore
  }

  /** @param {CanvasRenderingContext2D} pen */
  zigzag(pen) {
    const path = new Path2D("M1 -8l2.500 -4 2.500 5 2.500 -5 2.500 4");
    pen.strokeStyle = "#fff";
    pen.lineWidth = 4.5;
    pen.stroke(path);
    pen.strokeStyle = "#8f6200";
    pen.lineWidth = 2;
    pen.stroke(path);
  }

  /**
   * A cluster: a ring with a part for each state and `down/total` in it. The disc with a ring in the colour of
   * the most is copied; only the smaller parts and the figures are drawn anew, for both change all the time.
   * @param {CanvasRenderingContext2D} pen
   * @param {import("./grid.js").Cluster} cluster
   */
  ring(pen, cluster) {
    const { states, total, worst } = cluster;
    const radius = Math.min(22, Math.round(14.5 + Math.log10(total) * 2.8));
    // On whole device pixels, or the figures blur.
    const x = Math.round(cluster.x * this.density) / this.density;
    const y = Math.round(cluster.y * this.density) / this.density;
    const ring = parts(states, total);
    let most = 0;
    for (let k = 1; k < ring.length; k++) if (states[ring[k].state] > states[ring[most].state]) most = k;
    const key = (radius * STATES + worst) * STATES + ring[most].state;
    let disc = this.discs.get(key);
    if (!disc) {
      disc = this.makeDisc(radius, worst, ring[most].state);
      this.discs.set(key, disc);
    }
    const side = 2 * radius + 8;
    pen.drawImage(disc, x - side / 2, y - side / 2, side, side);
    pen.lineWidth = 4.5;
    for (let k = 0; k < ring.length; k++) {
      if (k === most) continue;
      pen.strokeStyle = this.colours.states[ring[k].state].fill;
      pen.beginPath();
      pen.arc(x, y, radius - 2.2, ring[k].from, ring[k].to);
      pen.stroke();
    }
    const down = states[3];
    const above = brief(down);
    const below = brief(total);
    const words = `${above}/${below}`;
    pen.fillStyle = down ? this.colours.ink : this.colours.soft;
    // Three sizes and two weights only: a canvas takes long over a font that it did not have just before.
    const size = Math.floor(((2 * radius - 10) / words.length) * 1.75);
    if (size >= 9) {
      this.font(pen, down > 0, size >= 11 ? 11.5 : 9.5);
      pen.fillText(words, x, y + 0.6);
    } else {
      // Too much for one line: the same as a fraction.
      this.font(pen, down > 0, 10);
      pen.fillText(above, x, y - 5.2);
      pen.fillText(below, x, y + 6.4);
      pen.fillRect(x - radius * 0.45, y, radius * 0.9, 1);
    }
  }

  /** @param {CanvasRenderingContext2D} pen @param {boolean} bold @param {number} size */
  font(pen, bold, size) {
    const font = `${bold ? 700 : 500} ${size}px system-ui, sans-serif`;
    if (this.lastFont === font) return;
    this.lastFont = font;
    pen.font = font;
  }

  /** Has the fonts found before the first picture needs them. @param {CanvasRenderingContext2D} pen */
  warm(pen) {
    for (const size of [9.5, 10, 11.5]) {
      for (const bold of [true, false]) {
        this.font(pen, bold, size);
        pen.measureText("0123456789/.k");
      }
    }
  }

  /** Prepares a pen for the rings of one picture. @param {CanvasRenderingContext2D} pen */
  begin(pen) {
    this.lastFont = "";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineCap = "butt";
  }

  /** @param {number} radius @param {number} worst @param {number} most */
  makeDisc(radius, worst, most) {
    const { canvas, pen } = this.sheet(2 * radius + 8);
    /** @param {number} size @param {string} colour */
    const disc = (size, colour) => {
      pen.beginPath();
      pen.arc(0, 0, size, 0, 7);
      pen.fillStyle = colour;
      pen.fill();
    };
    disc(radius + 2.2, "#1a1f2e");
    disc(radius + 1.4, this.colours.card);
    pen.beginPath();
    pen.arc(0, 0, radius - 2.2, 0, 7);
    pen.lineWidth = 4.5;
    pen.strokeStyle = this.colours.states[most].fill;
    pen.stroke();
    if (SEVERITY[worst] > SEVERITY[0]) {
      // The worst state colours the ground too, so that one dead ONT in a green cluster does not vanish.
      pen.globalAlpha = 0.22;
      disc(radius - 4.5, this.colours.states[worst].fill);
    }
    return canvas;
  }
}

/**
 * The parts of a ring in radians, worst first from the top; each state that occurs gets at least `LEAST`.
 * @param {Uint32Array} counts
 * @param {number} total
 */
export function parts(counts, total) {
  const present = [];
  for (let state = 0; state < STATES; state++) if (counts[state]) present.push(state);
  present.sort((a, b) => SEVERITY[b] - SEVERITY[a]);
  const small = present.filter((state) => (counts[state] / total) * 2 * Math.PI < LEAST);
  const left = 2 * Math.PI - small.length * LEAST;
  const big = present.reduce((sum, state) => sum + (small.includes(state) ? 0 : counts[state]), 0);
  let from = -Math.PI / 2;
  return present.map((state) => {
    const size = small.includes(state) ? LEAST : (counts[state] / big) * left;
    const part = { state, from, to: from + size };
    from += size;
    return part;
  });
}

/**
 * A number in at most four characters: 950, 1.2k, 12k.
 * @param {number} count
 */
export function brief(count) {
  if (count < 1000) return String(count);
  return count < 10_000 ? `${Math.floor(count / 100) / 10}k` : `${Math.floor(count / 1000)}k`;
}
