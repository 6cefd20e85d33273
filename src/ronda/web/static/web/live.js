/**
 * The one live connection of a page. The wire is described in docs/live.md; this module keeps its promises
 * towards the page: deltas arrive in order and each once, a gap is filled before anything after it is told, and
 * the page always knows whether what it shows is live, old, or not to be had without signing in again.
 *
 * Told on `document`: `ronda:delta`, `ronda:resync`, `ronda:watch`, `ronda:link`, `ronda:told`.
 *
 * @import { Delta, Counts, Watch } from "./columns.js"
 */
import { tellTime } from "./age.js";

/** A connection silent for this many beats is taken for dead, even when nobody closed it. */
const BEATS = 2.7;
const RETRY_MS = [1000, 2000, 4000, 8000, 15000, 30000];
/** What a gap is asked for longer than this is not coming: everything after it would wait for ever. */
const FILL_MS = 60000;

export class Live {
  /**
   * @param {string} address of the stream
   * @param {number | null} since the version that the page was made from, when known
   */
  constructor(address, since) {
    this.address = address;
    /** @type {number | null} the last version applied */
    this.version = since;
    /** What the server called itself first; another name later means that it was started anew. */
    this.build = "";
    /** @type {"waiting" | "live" | "stale" | "signed-out"} */
    this.state = "waiting";
    /** Epoch seconds (server's clock) of the last thing heard. */
    this.heardAt = 0;
    this.every = 15;
    this.tries = 0;
    /** @type {EventSource | null} */
    this.source = null;
    this.retry = 0;
    this.deadline = 0;
    this.filling = false;
    /** @type {Delta[]} waiting until a gap is filled */
    this.queue = [];
    /** @type {Counts | null} */
    this.counts = null;
    /** @type {Watch | null} */
    this.watch = null;
  }

  start() {
    this.open();
    // A page that comes back from a sleeping phone must not trust a connection that nobody checked meanwhile.
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.state !== "live" && this.state !== "signed-out") this.open();
    });
    addEventListener("online", () => this.open());
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.open();
    });
  }

  open() {
    this.close();
    const address = new URL(this.address, location.href);
    if (this.version !== null) address.searchParams.set("since", String(this.version));
    const source = new EventSource(address);
    this.source = source;
    /** @param {string} name @param {(detail: any) => void} react */
    const on = (name, react) =>
      source.addEventListener(name, (event) => {
        if (source !== this.source) return;
        const detail = JSON.parse(/** @type {MessageEvent} */ (event).data);
        this.heard(detail.at);
        react(detail);
      });
    on("hello", (detail) => this.hello(detail));
    on("delta", (detail) => this.receive(detail));
    on("beat", (detail) => this.news(this.counts, detail.watch ?? this.watch, detail.at));
    on("told", (detail) => document.dispatchEvent(new CustomEvent("ronda:told", { detail })));
    on("resync", (detail) => this.resync(detail.version));
    source.onerror = () => {
      if (source === this.source) this.lost();
    };
    this.expect();
  }

  close() {
    clearTimeout(this.retry);
    clearTimeout(this.deadline);
    this.source?.close();
    this.source = null;
  }

  /** @param {number | undefined} at */
  heard(at) {
    if (at) {
      tellTime(at);
      this.heardAt = at;
    }
    this.expect();
    this.tell("live");
  }

  expect() {
    clearTimeout(this.deadline);
    this.deadline = window.setTimeout(() => this.lost(), this.every * BEATS * 1000);
  }

  /** The connection is gone: say so, find out why, and try again with growing pauses. */
  async lost() {
    this.close();
    this.tell("stale");
    const pause = RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)];
    this.retry = window.setTimeout(() => this.open(), pause * (0.75 + Math.random() / 2));
    try {
      const answer = await fetch(this.deltaAddress(), { cache: "no-store", redirect: "error" });
      if (answer.status === 401 || answer.status === 403) {
        this.close();
        this.tell("signed-out");
      }
    } catch {
      // No network at all: the retry above goes on.
    }
  }

  deltaAddress() {
    const address = new URL("delta", new URL(this.address, location.href));
    address.searchParams.set("since", String(this.version ?? 0));
    return address;
  }

  /** @param {{version: number, at: number, build: string, every: number, counts: Counts, watch: Watch}} detail */
  hello(detail) {
    this.tries = 0;
    this.every = detail.every || this.every;
    if (this.build && this.build !== detail.build) {
      document.dispatchEvent(new CustomEvent("ronda:build", { detail: detail.build }));
    }
    this.build = detail.build;
    if (this.version === null) this.version = detail.version;
    this.news(detail.counts, detail.watch, detail.at);
  }

  /** @param {Delta} delta */
  receive(delta) {
    if (this.filling) {
      this.queue.push(delta);
      return;
    }
    if (this.version !== null && delta.version <= this.version) {
      // How the watch stands is told again and again; the ONTs of that version are known already.
      if (delta.version === this.version) this.news(delta.counts, delta.watch, delta.at);
      return;
    }
    if (this.version !== null && delta.base > this.version) {
      this.queue.push(delta);
      this.fill();
      return;
    }
    this.apply(delta);
  }

  /** @param {Delta} delta */
  apply(delta) {
    this.version = delta.version;
    document.dispatchEvent(new CustomEvent("ronda:delta", { detail: delta }));
    this.news(delta.counts, delta.watch, delta.at);
  }

  /** Something between was missed: ask for it before going on. */
  async fill() {
    this.filling = true;
    try {
      const signal = AbortSignal.timeout(FILL_MS);
      const answer = await fetch(this.deltaAddress(), { cache: "no-store", signal });
      if (!answer.ok) throw new Error(`delta answered ${answer.status}`);
      const delta = await answer.json();
      if (delta.resync) this.resync(delta.version);
      else if (this.version === null || delta.version > this.version) this.apply(delta);
      this.filling = false;
      for (const waiting of this.queue.splice(0)) this.receive(waiting);
    } catch {
      this.queue = [];
      this.lost();
    } finally {
      this.filling = false;
    }
  }

  /** @param {number} version */
  resync(version) {
    this.version = version;
    document.dispatchEvent(new CustomEvent("ronda:resync", { detail: { version } }));
  }

  /** @param {Counts | null} counts @param {Watch | null} watch @param {number} at */
  news(counts, watch, at) {
    this.counts = counts;
    this.watch = watch;
    document.dispatchEvent(new CustomEvent("ronda:watch", { detail: { counts, watch, at } }));
  }

  /** @param {"live" | "stale" | "signed-out"} state */
  tell(state) {
    if (this.state === state) return;
    this.state = state;
    document.dispatchEvent(new CustomEvent("ronda:link", { detail: { state, since: this.heardAt } }));
  }
}

const address = document.body?.dataset.live;
const made = Number(document.body?.dataset.liveSince);

/** The page's connection; null on pages without one (signed out, error pages). */
export const live = address ? new Live(address, made || null) : null;
