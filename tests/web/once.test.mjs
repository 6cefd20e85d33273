import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { once } from "../../src/ronda/web/static/web/once.js";

class Form extends EventTarget {
  constructor(method) {
    super();
    this.how = method;
  }

  getAttribute() {
    return this.how;
  }

  /** Whether a press of its button sends it. */
  press() {
    return this.dispatchEvent(new Event("submit", { cancelable: true }));
  }
}

test("a form is sent once, until it was long ago or the page is shown again", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const form = new Form("POST");
  const page = new EventTarget();
  once(form, page);
  assert.deepEqual([form.press(), form.press()], [true, false]);
  mock.timers.tick(10_000);
  assert.deepEqual([form.press(), form.press()], [true, false]);
  page.dispatchEvent(new Event("pageshow"));
  assert.equal(form.press(), true);
  mock.timers.reset();
});

test("what only asks is sent as often as one likes", () => {
  for (const method of [null, "get"]) {
    const form = new Form(method);
    once(form, new EventTarget());
    assert.deepEqual([form.press(), form.press()], [true, true]);
  }
});
