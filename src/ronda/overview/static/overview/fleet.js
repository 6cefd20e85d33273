/**
 * The fleet in typed arrays, as the map draws it. Pure: no page, no network, no clock.
 *
 * Positions are kept in world pixels of zoom 0 (Web Mercator, 0 to 256), so that a zoom is one multiplication.
 * An ONT without coordinates has NaN there: it is in the list and the counts, and no comparison draws it.
 *
 * @typedef {[number, number, number, number | null, number | null]} Row
 * @typedef {{id: number, name: string, customer_id: string | null, location: string | null, address: string | null,
 *   lat: number | null, lon: number | null, area: number | null, area_name: string | null, site: string | null,
 *   category: number, state: number, overlay: number, since: number | null, rtt_ms: number | null}} Full
 * @typedef {{id: number, name: string, site: string}} Area
 * @typedef {{name: string, customerId: string, location: string, address: string}} Texts
 */

export const UNKNOWN = 0;
export const UP = 1;
export const SUSPECT = 2;
export const DOWN = 3;
export const UNREACHABLE = 4;
export const MAINTENANCE = 5;
export const PAUSED = 6;
export const STATES = 7;

export const FLAPPING = 1;
export const DEGRADED = 2;

/** How bad each state is, by its digit; the worst colours what stands for many. */
export const SEVERITY = Uint8Array.of(3, 1, 4, 6, 5, 2, 0);

const MAX_LATITUDE = 85.0511287798;

/**
 * World pixel of zoom 0 from the west.
 * @param {number} longitude degrees
 */
export function worldX(longitude) {
  return ((longitude + 180) / 360) * 256;
}

/**
 * World pixel of zoom 0 from the north.
 * @param {number} latitude degrees
 */
export function worldY(latitude) {
  const bounded = Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, latitude));
  const sine = Math.sin((bounded * Math.PI) / 180);
  return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256;
}

/** @param {number} x world pixel of zoom 0 */
export function longitudeAt(x) {
  return (x / 256) * 360 - 180;
}

/** @param {number} y world pixel of zoom 0 */
export function latitudeAt(y) {
  return (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 256))) * 180) / Math.PI;
}

export class Fleet {
  constructor() {
    this.size = 0;
    /** @type {Int32Array} */
    this.ids = new Int32Array(0);
    this.x = new Float64Array(0);
    this.y = new Float64Array(0);
    /** @type {Uint8Array} */
    this.states = new Uint8Array(0);
    this.overlays = new Uint8Array(0);
    /** @type {Uint8Array} */
    this.categories = new Uint8Array(0);
    /** Index into `areas`, -1: none. */
    this.area = new Int16Array(0);
    /** 1: passes the filter and is drawn. */
    this.shown = new Uint8Array(0);
    /** Epoch seconds since when the state holds; 0: not known. */
    this.since = new Float64Array(0);
    /** @type {Area[]} */
    this.areas = [];
    /** @type {Map<number, number>} id to index */
    this.places = new Map();
    /** @type {(Texts | undefined)[]} filled when the texts have arrived */
    this.texts = [];
    /** @type {string[]} what the search looks in, lower case */
    this.haystack = [];
    this.version = 0;
  }

  /**
   * Takes a whole snapshot; texts that are already known stay with their ONTs.
   * @param {{version: number, ids: Int32Array, lat: Float64Array, lon: Float64Array, states: Uint8Array,
   *   categories: Uint8Array, area: number[], areas: [number, string, string][], rows: Row[]}} columns
   */
  load(columns) {
    const size = columns.ids.length;
    /** @type {Map<number, [Texts | undefined, string]>} */
    const known = new Map();
    for (let i = 0; i < this.size; i++) known.set(this.ids[i], [this.texts[i], this.haystack[i]]);
    this.size = size;
    this.version = columns.version;
    this.ids = columns.ids;
    this.states = columns.states;
    this.categories = columns.categories;
    this.area = new Int16Array(columns.area);
    this.areas = columns.areas.map(([id, name, site]) => ({ id, name, site }));
    this.x = new Float64Array(size);
    this.y = new Float64Array(size);
    this.overlays = new Uint8Array(size);
    this.since = new Float64Array(size);
    this.shown = new Uint8Array(size).fill(1);
    this.places = new Map();
    this.texts = new Array(size);
    this.haystack = new Array(size).fill("");
    const { x, y, ids, places } = this;
    for (let i = 0; i < size; i++) {
      x[i] = worldX(columns.lon[i]);
      y[i] = Number.isNaN(columns.lat[i]) ? Number.NaN : worldY(columns.lat[i]);
      places.set(ids[i], i);
    }
    for (let i = 0; known.size && i < size; i++) {
      const old = known.get(ids[i]);
      this.texts[i] = old?.[0];
      this.haystack[i] = old?.[1] ?? "";
    }
    for (const row of columns.rows) this.set(row);
  }

  /**
   * @param {{ids: Int32Array, names: string[], customer_ids: (string | null)[], locations: (string | null)[],
   *   addresses: (string | null)[]}} names
   * @param {Set<number>} fresher ONTs of which something newer is known
   */
  name(names, fresher) {
    for (let k = 0; k < names.ids.length; k++) {
      const i = this.places.get(names.ids[k]);
      if (i === undefined || fresher.has(names.ids[k])) continue;
      this.describe(i, {
        name: names.names[k],
        customerId: names.customer_ids[k] ?? "",
        location: names.locations[k] ?? "",
        address: names.addresses[k] ?? "",
      });
    }
  }

  /**
   * @param {number} i
   * @param {Texts} texts
   */
  describe(i, texts) {
    this.texts[i] = texts;
    this.haystack[i] =
      `${texts.name}\n${texts.customerId}\n${texts.location}\n${texts.address}`.toLowerCase();
  }

  /**
   * Applies a delta; the order is gone, changed, rows. Says whether ONTs came, went or moved (then filters and
   * lists must be made again, not only redrawn).
   * @param {{version: number, gone?: number[], changed?: Full[], rows?: Row[]}} delta
   */
  apply(delta) {
    for (const id of delta.gone ?? []) this.remove(id);
    for (const one of delta.changed ?? []) this.put(one);
    for (const row of delta.rows ?? []) this.set(row);
    this.version = delta.version;
    return Boolean(delta.gone?.length || delta.changed?.length);
  }

  /** @param {Row} row */
  set(row) {
    const i = this.places.get(row[0]);
    if (i === undefined) return;
    this.states[i] = row[1];
    this.overlays[i] = row[2];
    this.since[i] = row[3] ?? 0;
  }

  /** @param {Full} one */
  put(one) {
    let i = this.places.get(one.id);
    if (i === undefined) {
      if (this.size === this.ids.length) this.grow();
      i = this.size++;
      this.ids[i] = one.id;
      this.places.set(one.id, i);
      this.shown[i] = 1;
    }
    const located = one.lat !== null && one.lon !== null;
    this.x[i] = located ? worldX(Number(one.lon)) : Number.NaN;
    this.y[i] = located ? worldY(Number(one.lat)) : Number.NaN;
    this.categories[i] = one.category;
    this.area[i] = this.areaIndex(one);
    this.set([one.id, one.state, one.overlay, one.since, one.rtt_ms]);
    this.describe(i, {
      name: one.name,
      customerId: one.customer_id ?? "",
      location: one.location ?? "",
      address: one.address ?? "",
    });
  }

  /** @param {Full} one */
  areaIndex(one) {
    if (one.area === null) return -1;
    const found = this.areas.findIndex((area) => area.id === one.area);
    if (found >= 0) return found;
    this.areas.push({ id: one.area, name: one.area_name ?? "", site: one.site ?? "" });
    return this.areas.length - 1;
  }

  /** @param {number} id */
  remove(id) {
    const i = this.places.get(id);
    if (i === undefined) return;
    const last = --this.size;
    this.places.delete(id);
    if (i !== last) {
      for (const column of this.columns()) column[i] = column[last];
      this.texts[i] = this.texts[last];
      this.haystack[i] = this.haystack[last];
      this.places.set(this.ids[i], i);
    }
    this.texts.length = last;
    this.haystack.length = last;
  }

  columns() {
    return [
      this.ids,
      this.x,
      this.y,
      this.states,
      this.overlays,
      this.categories,
      this.area,
      this.shown,
      this.since,
    ];
  }

  grow() {
    const capacity = Math.max(64, Math.ceil(this.ids.length * 1.5));
    /** @template {Int32Array | Float64Array | Uint8Array | Int16Array} T @param {T} old @param {T} bigger */
    const moved = (old, bigger) => {
      bigger.set(old);
      return bigger;
    };
    this.ids = moved(this.ids, new Int32Array(capacity));
    this.x = moved(this.x, new Float64Array(capacity));
    this.y = moved(this.y, new Float64Array(capacity));
    this.states = moved(this.states, new Uint8Array(capacity));
    this.overlays = moved(this.overlays, new Uint8Array(capacity));
    this.categories = moved(this.categories, new Uint8Array(capacity));
    this.area = moved(this.area, new Int16Array(capacity));
    this.shown = moved(this.shown, new Uint8Array(capacity));
    this.since = moved(this.since, new Float64Array(capacity));
  }

  /**
   * Marks what passes the filter; says how many do.
   * @param {{states?: Set<number> | null, area?: number | null, category?: number | null, text?: string,
   *   unlocated?: boolean}} filter states: digits, null for all; area: its id
   */
  filter(filter) {
    const words = (filter.text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const area =
      filter.area === null || filter.area === undefined
        ? null
        : this.areas.findIndex((one) => one.id === filter.area);
    let count = 0;
    for (let i = 0; i < this.size; i++) {
      const passes =
        (!filter.states || filter.states.has(this.states[i])) &&
        (area === null || this.area[i] === area) &&
        (filter.category === null ||
          filter.category === undefined ||
          this.categories[i] === filter.category) &&
        (!filter.unlocated || Number.isNaN(this.x[i])) &&
        (words.length === 0 || matches(this.haystack[i] ?? "", words));
      this.shown[i] = passes ? 1 : 0;
      if (passes) count++;
    }
    return count;
  }

  /** The rectangle of everything shown in world pixels of zoom 0, or null when nothing has a place. */
  bounds() {
    let west = Infinity;
    let north = Infinity;
    let east = -Infinity;
    let south = -Infinity;
    for (let i = 0; i < this.size; i++) {
      // NaN fails every comparison, so ONTs without a place fall out by themselves.
      if (!this.shown[i]) continue;
      if (this.x[i] < west) west = this.x[i];
      if (this.x[i] > east) east = this.x[i];
      if (this.y[i] < north) north = this.y[i];
      if (this.y[i] > south) south = this.y[i];
    }
    return west <= east ? { west, north, east, south } : null;
  }

  /**
   * Indexes of what is shown, worst first, then the oldest trouble, then by name; at most `limit`.
   * @param {number} limit
   */
  worst(limit) {
    const found = [];
    for (let i = 0; i < this.size; i++) if (this.shown[i]) found.push(i);
    const { states, since, texts } = this;
    found.sort(
      (a, b) =>
        SEVERITY[states[b]] - SEVERITY[states[a]] ||
        (since[a] || Infinity) - (since[b] || Infinity) ||
        (texts[a]?.name ?? "").localeCompare(texts[b]?.name ?? "") ||
        a - b,
    );
    return found.slice(0, limit);
  }
}

/**
 * Whether every word occurs.
 * @param {string} haystack
 * @param {string[]} words
 */
function matches(haystack, words) {
  return words.every((word) => haystack.includes(word));
}
