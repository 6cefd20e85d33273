import assert from "node:assert/strict";
import test from "node:test";
import { followWork } from "../../src/ronda/web/static/web/works.js";

class HTMLProgressElement {
  max = 500;
  value = 0;
}

/** A page with one piece of work, and what it is told. */
function stage(t, work) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const listeners = new Map();
  const bar = new HTMLProgressElement();
  const count = { textContent: "" };
  const announce = { textContent: "" };
  const result = { textContent: " 500\n ready " };
  let asked = 0;
  const one = {
    id: "batch",
    dataset: { work },
    matches: () => "work" in one.dataset,
    querySelector: (what) => ({ progress: bar, "[data-work-result]": result })[what] ?? count,
    dispatchEvent: () => {
      asked += 1;
    },
  };
  globalThis.HTMLProgressElement = HTMLProgressElement;
  globalThis.window = globalThis;
  globalThis.document = {
    hidden: false,
    documentElement: { lang: "en" },
    querySelectorAll: () => ("work" in one.dataset ? [one] : []),
    getElementById: (id) =>
      id === "announce" ? announce : { dataset: { workDone: "{done} of {total} done" } },
    addEventListener: (name, react) => listeners.set(name, react),
  };
  followWork();
  return {
    bar,
    count,
    announce,
    one,
    asked: () => asked,
    wait: (ms) => {
      for (let gone = 0; gone < ms; gone += 500) t.mock.timers.tick(500);
    },
    event: (name, more) => listeners.get(name)({ detail: {}, target: one, ...more }),
    told: (detail) => listeners.get("ronda:told")({ detail: { topic: "work.moved", ...detail } }),
  };
}

test("progress is shown without asking, spoken at each quarter, and the end is asked for once", (t) => {
  const page = stage(t, "7");
  page.event("ronda:link", { detail: { state: "live" } });
  page.told({ job: 7, lock: "router:1", done: 50, total: 500 });
  assert.deepEqual([page.bar.value, page.count.textContent, page.announce.textContent], [50, "50", ""]);
  page.told({ job: 7, lock: "router:1", done: 260, total: 500 });
  assert.equal(page.announce.textContent, "260 of 500 done");
  page.told({ job: 7, lock: "router:1", done: 20, total: 100 }); // taken up where it was cut
  page.told({ job: 8, lock: "router:1" });
  assert.equal(page.bar.value, 420);
  assert.equal(page.asked(), 0);
  page.told({ job: 7, lock: "router:1" });
  page.wait(1000);
  assert.equal(page.asked(), 1);
  delete page.one.dataset.work;
  page.event("htmx:afterSettle");
  assert.equal(page.announce.textContent, "500 ready");
  page.wait(60_000);
  assert.equal(page.asked(), 1);
});

test("where nothing is told it is asked for more and more seldom, and not while nobody looks", (t) => {
  const page = stage(t, "router:3");
  page.event("ronda:link", { detail: { state: "stale" } });
  page.wait(60_000);
  const often = page.asked();
  assert.ok(often > 5 && often < 15, String(often));
  globalThis.document.hidden = true;
  page.wait(600_000);
  assert.equal(page.asked(), often);
  globalThis.document.hidden = false;
  page.event("visibilitychange");
  page.told({ job: 9, lock: "router:4" });
  assert.equal(page.asked(), often + 1);
  page.told({ job: 9, lock: "router:3", done: 1, total: 1 });
  page.wait(1000);
  assert.equal(page.asked(), often + 2);
});
