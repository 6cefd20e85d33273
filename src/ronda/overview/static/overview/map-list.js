/** The map as a list, for those who do not see or point: the same ONTs under the same filters, worst first. */
import { short, since } from "../web/age.js";
import { badges } from "../web/marks.js";

const STEP = 100;
/** Rebuilding the list more often than this would move rows away under a finger. */
const PAUSE_MS = 1000;

export class MapList {
  /**
   * @param {HTMLElement} box
   * @param {import("./fleet.js").Fleet} fleet
   * @param {{choose: (id: number) => void, text: (key: string) => string}} options
   */
  constructor(box, fleet, options) {
    this.box = box;
    this.fleet = fleet;
    this.options = options;
    this.limit = STEP;
    this.timer = 0;
    this.madeAt = 0;
    box.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      if (!button) return;
      if (button.dataset.id) options.choose(Number(button.dataset.id));
      else {
        this.limit += STEP;
        this.make();
      }
    });
  }

  /** A new question begins at the top. */
  restart() {
    this.limit = STEP;
    this.box.scrollTop = 0;
    this.make();
  }

  /** The fleet changed: show it soon. */
  refresh() {
    if (this.timer) return;
    const wait = Math.max(0, this.madeAt + PAUSE_MS - performance.now());
    this.timer = window.setTimeout(() => this.make(), wait);
  }

  make() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.madeAt = performance.now();
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.id;
    const found = this.fleet.worst(this.limit + 1);
    /** @type {HTMLElement[]} */
    const rows = found.slice(0, this.limit).map((i) => this.row(i));
    if (found.length > this.limit) {
      const more = document.createElement("button");
      more.type = "button";
      more.className = "btn map-more";
      more.textContent = this.options.text("more");
      rows.push(more);
    }
    if (!rows.length) {
      const empty = document.createElement("p");
      empty.className = "map-none";
      empty.textContent = this.options.text("none");
      rows.push(empty);
    }
    const top = this.box.scrollTop;
    this.box.replaceChildren(...rows);
    this.box.scrollTop = top;
    if (focused)
      /** @type {HTMLElement | null} */ (this.box.querySelector(`[data-id="${focused}"]`))?.focus();
  }

  /** @param {number} i */
  row(i) {
    const { fleet } = this;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "map-row";
    button.dataset.id = String(fleet.ids[i]);
    button.dataset.row = "";
    const state = document.createElement("span");
    state.className = "states";
    state.append(...badges(fleet.states[i], fleet.overlays[i]));
    const name = document.createElement("b");
    name.textContent = fleet.texts[i]?.name || `#${fleet.ids[i]}`;
    const place = document.createElement("small");
    place.textContent = [
      fleet.texts[i]?.location,
      Number.isNaN(fleet.x[i]) ? this.options.text("no-position") : "",
    ]
      .filter(Boolean)
      .join(" · ");
    const age = document.createElement("time");
    if (fleet.since[i]) {
      age.dateTime = new Date(fleet.since[i] * 1000).toISOString();
      age.dataset.age = "for";
      age.textContent = short(since(fleet.since[i]));
    }
    button.append(state, age, name, place);
    return button;
  }
}
