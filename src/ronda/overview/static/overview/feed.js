/**
 * Brings the fleet from the server and keeps it current (docs/live.md): the columns first, so that the map is
 * drawn at once, the texts after; deltas that arrive meanwhile wait, and a gap is asked for.
 */
import { degrees, digits, undelta } from "../web/columns.js";

/** As in web/live.js: what a gap is asked for longer than this is not coming. */
const FILL_MS = 60000;

export class Feed {
  /**
   * @param {import("./fleet.js").Fleet} fleet
   * @param {{drawn: () => void, named: () => void, changed: (ids: Set<number>, many: boolean) => void,
   *   failed: (status: number) => void, counted: (counts: import("../web/columns.js").Counts) => void}} tell
   * @param {string} [root] where the feed lives
   */
  constructor(fleet, tell, root = "/live/") {
    this.fleet = fleet;
    this.tell = tell;
    this.root = root;
    this.loading = false;
    /** @type {import("../web/columns.js").Delta[]} */
    this.waiting = [];
    /** @type {Set<number>} ONTs whose texts a delta told while the names were on their way */
    this.fresher = new Set();
  }

  async start() {
    document.addEventListener("ronda:delta", (event) =>
      this.receive(/** @type {CustomEvent} */ (event).detail),
    );
    document.addEventListener("ronda:resync", () => this.load());
    await this.load();
  }

  async load() {
    if (this.loading) return;
    this.loading = true;
    try {
      const answer = await fetch(`${this.root}columns`);
      if (!answer.ok) {
        this.tell.failed(answer.status);
        return;
      }
      const columns = await answer.json();
      this.fleet.load({
        ...columns,
        ids: undelta(columns.ids),
        lat: degrees(columns.lat),
        lon: degrees(columns.lon),
        states: digits(columns.states),
        categories: digits(columns.categories),
      });
      this.tell.counted(columns.counts);
      this.tell.drawn();
    } catch {
      this.tell.failed(0);
      return;
    } finally {
      this.loading = false;
    }
    for (const delta of this.waiting.splice(0)) this.receive(delta);
    await this.names();
  }

  async names() {
    this.fresher.clear();
    const answer = await fetch(`${this.root}names`).catch(() => null);
    if (!answer?.ok) return;
    const names = await answer.json();
    this.fleet.name({ ...names, ids: undelta(names.ids) }, this.fresher);
    this.tell.named();
  }

  /** @param {import("../web/columns.js").Delta} delta */
  receive(delta) {
    if (this.loading || this.fleet.version === 0) {
      this.waiting.push(delta);
      return;
    }
    if (delta.version <= this.fleet.version) return;
    // The stream itself has no gaps; between it and the columns there may be one.
    if (delta.base > this.fleet.version) {
      this.fill(delta);
      return;
    }
    this.apply(delta);
  }

  /** @param {import("../web/columns.js").Delta} delta */
  apply(delta) {
    const many = this.fleet.apply(delta);
    for (const one of delta.changed ?? []) this.fresher.add(one.id);
    const ids = new Set([
      ...(delta.rows ?? []).map((row) => row[0]),
      ...(delta.changed ?? []).map((one) => one.id),
      ...(delta.gone ?? []),
    ]);
    this.tell.counted(delta.counts);
    if (ids.size) this.tell.changed(ids, many);
  }

  /** @param {import("../web/columns.js").Delta} next */
  async fill(next) {
    this.loading = true;
    this.waiting.push(next);
    let lost = false;
    try {
      const address = `${this.root}delta?since=${this.fleet.version}`;
      const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(FILL_MS) });
      const delta = answer.ok ? await answer.json() : { resync: true };
      if (delta.resync) lost = true;
      else if (delta.version > this.fleet.version) this.apply(delta);
    } catch {
      lost = true;
    }
    this.loading = false;
    if (lost) {
      this.waiting = [];
      await this.load();
    } else {
      for (const delta of this.waiting.splice(0)) this.receive(delta);
    }
  }

  /**
   * Everything about one ONT as of now, for its popup; null when it cannot be had.
   * @param {number} id
   * @returns {Promise<import("./fleet.js").Full | null>}
   */
  async detail(id) {
    const answer = await fetch(`${this.root}ont/${id}`, { cache: "no-store" }).catch(() => null);
    return answer?.ok ? answer.json() : null;
  }
}
