import assert from "node:assert/strict";
import test from "node:test";

const page = new EventTarget();
const extend = { value: "" };
const focus = { matches: () => true };
const list = Object.assign(new EventTarget(), {
  contains: (what) => what === focus,
  querySelector: (what) => (what === "input[name=extend]" ? extend : null),
  querySelectorAll: () => [],
});
globalThis.document = Object.assign(page, {
  activeElement: null,
  hidden: false,
  querySelector: () => list,
});
await import("../../src/ronda/hotspot/static/hotspot/live.js");

/** Whether the list may ask the server for itself. */
function asks() {
  const event = new Event("htmx:beforeRequest", { cancelable: true });
  Object.defineProperty(event, "target", { value: list });
  return page.dispatchEvent(event);
}

/** Whether an answer takes the list's place. */
function swaps(elt) {
  const event = new Event("htmx:beforeSwap");
  event.detail = { shouldSwap: true, requestConfig: { elt } };
  page.dispatchEvent(event);
  return event.detail.shouldSwap;
}

test("a list is renewed, but not over what somebody writes in it", () => {
  assert.deepEqual([asks(), swaps(list)], [true, true]);
  extend.value = "1d";
  assert.deepEqual([asks(), swaps(list)], [false, false]);
  extend.value = "";
  document.activeElement = focus;
  assert.deepEqual([asks(), swaps(list)], [false, false]);
  document.activeElement = null;
  assert.deepEqual([asks(), swaps(list)], [true, true]);
});

test("a list that nobody looks at asks nothing, and filters are always answered", () => {
  document.hidden = true;
  assert.equal(asks(), false);
  document.hidden = false;
  extend.value = "1d";
  assert.equal(swaps({}), true);
  extend.value = "";
});
