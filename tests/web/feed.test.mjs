import assert from "node:assert/strict";
import test from "node:test";
import { everything, read, write } from "../../src/ronda/overview/static/overview/address-bar.js";
import { brief, parts } from "../../src/ronda/overview/static/overview/sprites.js";
import { degrees, digits, undelta } from "../../src/ronda/web/static/web/columns.js";
import { fill } from "../../src/ronda/web/static/web/texts.js";

test("columns come back from their differences", () => {
  assert.deepEqual([...undelta([17, 1, 1, 4])], [17, 18, 19, 23]);
  assert.deepEqual([...digits("0163")], [0, 1, 6, 3]);
  assert.deepEqual([...degrees([-7700976, 570, null, -12])], [-7.700976, -7.700406, Number.NaN, -7.700418]);
});

test("what is seen survives the address", () => {
  const choice = {
    ...everything(),
    place: { zoom: 13.5, lat: -7.71234, lon: 110.35 },
    states: new Set([4, 3]),
    area: 7,
    category: 2,
    text: "pos ronda & 10.0.0.1",
    unlocated: true,
    ont: 12,
  };
  assert.deepEqual(read(`#${write(choice)}`), choice);
  assert.equal(write(everything()), "");
});

test("nonsense in the address is left out", () => {
  for (const hash of [
    "#map=99/1/2",
    "#map=x/y/z",
    "#map=5/91/0",
    "#map=",
    "#ont=-1&area=x&state=9",
    "#%E0%A4%A",
  ]) {
    assert.deepEqual(read(hash), everything(), hash);
  }
});

test("the parts of a ring fill it, worst first, and none is too small to be seen", () => {
  const counts = Uint32Array.of(0, 499, 0, 1, 0, 0, 0);
  const ring = parts(counts, 500);
  assert.deepEqual(
    ring.map((part) => part.state),
    [3, 1],
  );
  assert.ok(ring[0].to - ring[0].from >= 0.35);
  assert.ok(Math.abs(ring[1].to - ring[0].from - 2 * Math.PI) < 1e-9);
});

test("a ring of every state fills once round", () => {
  const ring = parts(Uint32Array.of(1, 1, 1, 1, 1, 1, 1), 7);
  assert.ok(Math.abs(ring[6].to - ring[0].from - 2 * Math.PI) < 1e-9);
});

test("numbers in rings stay short", () => {
  assert.deepEqual([0, 999, 1000, 1250, 9999, 12_345, 999_999].map(brief), [
    "0",
    "999",
    "1k",
    "1.2k",
    "9.9k",
    "12k",
    "999k",
  ]);
});

test("texts are filled by name, and what is not named stays", () => {
  assert.equal(fill("{a} of {b}, {c}", { a: 1, b: "x" }), "1 of x, {c}");
});
