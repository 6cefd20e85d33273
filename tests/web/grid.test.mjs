import assert from "node:assert/strict";
import test from "node:test";
import {
  Fleet,
  latitudeAt,
  longitudeAt,
  SEVERITY,
  worldX,
  worldY,
} from "../../src/ronda/overview/static/overview/fleet.js";
import { CELL, fan, Grid, worstOf } from "../../src/ronda/overview/static/overview/grid.js";

/** @param {[number, number, number, number][]} onts id, latitude, longitude, state */
function fleetOf(onts) {
  const fleet = new Fleet();
  fleet.load({
    version: 1,
    ids: Int32Array.from(onts, (one) => one[0]),
    lat: Float64Array.from(onts, (one) => one[1]),
    lon: Float64Array.from(onts, (one) => one[2]),
    states: Uint8Array.from(onts, (one) => one[3]),
    categories: new Uint8Array(onts.length),
    area: new Array(onts.length).fill(-1),
    areas: [],
    rows: [],
  });
  return fleet;
}

/** @param {number} zoom @param {number} lat @param {number} lon */
function viewAround(zoom, lat, lon, width = 800, height = 600) {
  const scale = 2 ** zoom;
  return {
    zoom,
    left: worldX(lon) * scale - width / 2,
    top: worldY(lat) * scale - height / 2,
    width,
    height,
  };
}

/** @param {number} seed */
function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("a place goes to world pixels and back", () => {
  for (const [lat, lon] of [
    [-7.7, 110.36],
    [0, 0],
    [60, -120],
  ]) {
    assert.ok(Math.abs(latitudeAt(worldY(lat)) - lat) < 1e-9);
    assert.ok(Math.abs(longitudeAt(worldX(lon)) - lon) < 1e-9);
  }
});

test("every ONT in view is in exactly one spot or cluster, whatever the zoom", () => {
  const next = random(7);
  const onts = Array.from({ length: 3000 }, (_, i) => [
    i + 1,
    -7.7 + next() * 0.2,
    110.3 + next() * 0.2,
    Math.floor(next() * 7),
  ]);
  const fleet = fleetOf(/** @type {any} */ (onts));
  const grid = new Grid();
  for (const zoom of [8, 10, 11.5, 12]) {
    grid.gather(fleet, viewAround(zoom, -7.6, 110.4, 4000, 4000));
    const total = grid.spots.length + grid.clusters.reduce((sum, one) => sum + one.total, 0);
    assert.equal(total, 3000, `zoom ${zoom}`);
    for (const one of grid.clusters)
      assert.equal(
        one.states.reduce((a, b) => a + b),
        one.total,
      );
  }
});

test("moving the map does not regroup what is seen", () => {
  const next = random(3);
  const onts = Array.from({ length: 500 }, (_, i) => [i + 1, -7.7 + next() * 0.05, 110.3 + next() * 0.05, 1]);
  const fleet = fleetOf(/** @type {any} */ (onts));
  const grid = new Grid();
  const view = viewAround(12, -7.675, 110.325, 3000, 3000);
  grid.gather(fleet, view);
  const before = grid.clusters.map((one) => [one.total, Math.round(one.x), Math.round(one.y)]).sort();
  grid.gather(fleet, { ...view, left: view.left + 31, top: view.top + 17 });
  const after = grid.clusters
    .map((one) => [one.total, Math.round(one.x + 31), Math.round(one.y + 17)])
    .sort();
  assert.deepEqual(after, before);
});

test("a village across the lines of the grid is one ring, and rings do not cover each other", () => {
  const next = random(11);
  const grid = new Grid();
  for (let shift = 0; shift < 48; shift += 7) {
    const onts = Array.from({ length: 60 }, (_, i) => [
      i + 1,
      -7.7 + next() * 0.004,
      110.3 + next() * 0.004,
      1,
    ]);
    const view = viewAround(12, -7.698, 110.302);
    grid.gather(fleetOf(/** @type {any} */ (onts)), {
      ...view,
      left: view.left + shift,
      top: view.top + shift,
    });
    assert.equal(grid.clusters.length, 1);
    assert.equal(grid.clusters[0].total, 60);
  }
  const many = Array.from({ length: 5000 }, (_, i) => [i + 1, -7.8 + next() * 0.2, 110.2 + next() * 0.3, 1]);
  grid.gather(fleetOf(/** @type {any} */ (many)), viewAround(11, -7.7, 110.35));
  const all = [...grid.clusters, ...grid.spots];
  for (let a = 0; a < all.length; a++) {
    for (let b = a + 1; b < all.length; b++) {
      assert.ok(Math.hypot(all[a].x - all[b].x, all[a].y - all[b].y) > 39.9);
    }
  }
});

test("one dead ONT among many colours the cluster", () => {
  const onts = Array.from({ length: 100 }, (_, i) => [i + 1, -7.7, 110.3, i === 50 ? 3 : 1]);
  const grid = new Grid();
  grid.gather(fleetOf(/** @type {any} */ (onts)), viewAround(10, -7.7, 110.3));
  assert.equal(grid.clusters.length, 1);
  assert.deepEqual([grid.clusters[0].worst, grid.clusters[0].states[3], grid.clusters[0].total], [3, 1, 100]);
});

test("the worst is down, then unreachable, checking, unknown, maintenance, up, paused", () => {
  const order = [...SEVERITY.keys()].sort((a, b) => SEVERITY[b] - SEVERITY[a]);
  assert.deepEqual(order, [3, 4, 2, 0, 5, 1, 6]);
  assert.equal(worstOf(Uint32Array.of(0, 5, 0, 0, 1, 0, 0)), 4);
});

test("an ONT without coordinates is drawn nowhere", () => {
  const grid = new Grid();
  const fleet = fleetOf([
    [1, Number.NaN, Number.NaN, 3],
    [2, -7.7, 110.3, 1],
  ]);
  for (const zoom of [10, 18]) {
    grid.gather(fleet, viewAround(zoom, -7.7, 110.3));
    assert.deepEqual(
      grid.spots.map((spot) => fleet.ids[spot.index]),
      [2],
    );
    assert.equal(grid.clusters.length, 0);
  }
});

test("close up, ONTs on one place are fanned out and can each be touched", () => {
  const onts = Array.from({ length: 30 }, (_, i) => [i + 1, -7.7, 110.3, i % 7]);
  const fleet = fleetOf(/** @type {any} */ (onts));
  const grid = new Grid();
  grid.gather(fleet, viewAround(18, -7.7, 110.3));
  assert.equal(grid.spots.length, 30);
  assert.equal(grid.clusters.length, 0);
  for (const spot of grid.spots) {
    const hit = grid.hit(spot.x, spot.y, 10);
    assert.ok(hit && "spot" in hit);
    assert.equal(hit.spot.index, spot.index);
  }
});

test("the fan never puts two ONTs closer than a finger's half", () => {
  for (const n of [2, 8, 9, 25, 60]) {
    const places = Array.from({ length: n }, (_, k) => fan(k, n));
    for (let a = 0; a < n; a++) {
      for (let b = a + 1; b < n; b++) {
        const distance = Math.hypot(places[a][0] - places[b][0], places[a][1] - places[b][1]);
        assert.ok(distance > 15, `${n}: ${a} and ${b} are ${distance} apart`);
      }
    }
  }
});

test("a touch finds an ONT before a cluster, and nothing far away", () => {
  const grid = new Grid();
  const fleet = fleetOf([
    [1, -7.7, 110.3, 1],
    [2, -7.75, 110.35, 1],
    [3, -7.75, 110.35, 3],
  ]);
  grid.gather(fleet, viewAround(12, -7.725, 110.325));
  const alone = grid.spots[0];
  const many = grid.clusters[0];
  assert.deepEqual(grid.hit(alone.x + 5, alone.y, 14), { spot: alone });
  assert.deepEqual(grid.hit(many.x + 15, many.y, 14), { cluster: many });
  assert.equal(grid.hit(many.x + CELL, many.y + CELL, 14), null);
});

test("deltas add, move, change and remove ONTs, in any number", () => {
  const fleet = fleetOf([
    [1, -7.7, 110.3, 1],
    [2, -7.7, 110.4, 1],
    [3, -7.7, 110.5, 1],
  ]);
  /** @param {number} id @param {number} state */
  const full = (id, state) => ({
    id,
    name: `ONT ${id}`,
    customer_id: "X1",
    location: null,
    address: "10.0.0.1",
    lat: -7,
    lon: 110,
    area: 5,
    area_name: "Niron",
    site: "Sleman",
    category: 2,
    state,
    overlay: 1,
    since: 99,
    rtt_ms: null,
  }); // prettier-ignore
  const many = fleet.apply({
    version: 2,
    gone: [1],
    changed: [full(9, 3), full(2, 4)],
    rows: [
      [3, 3, 0, 77, null],
      [444, 1, 0, 1, 1],
    ],
  });
  assert.equal(many, true);
  assert.equal(fleet.size, 3);
  const seen = [...fleet.places.keys()].sort().map((id) => {
    const i = Number(fleet.places.get(id));
    return [fleet.ids[i], fleet.states[i], fleet.since[i], fleet.texts[i]?.name];
  });
  assert.deepEqual(seen, [
    [2, 4, 99, "ONT 2"],
    [3, 3, 77, undefined],
    [9, 3, 99, "ONT 9"],
  ]);
  assert.equal(fleet.apply({ version: 3, rows: [[3, 1, 0, 80, 5]] }), false);
  assert.equal(fleet.version, 3);
  for (let id = 100; id < 400; id++) fleet.put(full(id, 1));
  assert.equal(fleet.size, 303);
  for (let id = 100; id < 400; id++) fleet.remove(id);
  assert.deepEqual([...fleet.places.keys()].sort(), [2, 3, 9]);
});

test("the search needs all words, in any of the texts, whatever the case", () => {
  const fleet = fleetOf([
    [1, -7.7, 110.3, 1],
    [2, -7.7, 110.4, 3],
  ]);
  const told = {
    ids: Int32Array.of(1, 2),
    names: ["Niron/Dukuh Lor RW 21", "Pakem"],
    customer_ids: ["XM003274", null],
    locations: ["Pos Ronda RT 03", null],
    addresses: ["10.239.1.209", "10.239.1.2"],
  };
  fleet.name(told, new Set());
  // What a delta told meanwhile is newer than these names.
  fleet.name({ ...told, names: ["Niron lama", "Pakem lama"] }, new Set([1, 2]));
  assert.equal(fleet.filter({ text: "lama" }), 0);
  assert.equal(fleet.filter({ text: "ronda niron" }), 1);
  assert.equal(fleet.filter({ text: "xm003274" }), 1);
  assert.equal(fleet.filter({ text: "10.239.1.2" }), 2);
  assert.equal(fleet.filter({ text: "ronda pakem" }), 0);
  assert.equal(fleet.filter({ states: new Set([3]) }), 1);
  assert.equal(fleet.filter({}), 2);
});

test("the list has the worst first, the oldest trouble first among equals", () => {
  const fleet = fleetOf([
    [1, 0, 0, 1],
    [2, 0, 0, 3],
    [3, 0, 0, 3],
    [4, 0, 0, 4],
    [5, Number.NaN, Number.NaN, 2],
  ]);
  fleet.set([2, 3, 0, 500, null]);
  fleet.set([3, 3, 0, 100, null]);
  assert.deepEqual(
    fleet.worst(10).map((i) => fleet.ids[i]),
    [3, 2, 4, 5, 1],
  );
  assert.equal(fleet.worst(2).length, 2);
});
