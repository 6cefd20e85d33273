/**
 * The same fleet, map and steps for every way of drawing it. A time ends when the frame that shows the change has
 * been handed to the compositor: animation frame, then a task after it.
 */
import { canvasLayer } from "/static/overview/static/overview/canvas-layer.js";
import { Fleet } from "/static/overview/static/overview/fleet.js";

const L = globalThis.L;

/** @param {number} seed */
function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** ONTs in 120 villages over a district, as in a real list: dense in places, empty between. @param {number} n */
function invent(n) {
  const next = random(20261121);
  const villages = Array.from({ length: 120 }, () => [-7.85 + next() * 0.3, 110.2 + next() * 0.35]);
  const lat = new Float64Array(n);
  const lon = new Float64Array(n);
  const states = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const [y, x] = villages[Math.floor(next() * villages.length)];
    lat[i] = y + (next() + next() - 1) * 0.012;
    lon[i] = x + (next() + next() - 1) * 0.012;
    states[i] = next() < 0.04 ? 3 : 1;
  }
  return { lat, lon, states };
}

const painted = () =>
  new Promise((resolve) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve(undefined);
      channel.port2.postMessage(0);
    });
  });

const icon = (/** @type {number} */ state) =>
  L.divIcon({ className: `pin pin-${state}`, iconSize: [14, 14], html: "" });

/** Each way: `first` draws all, `update` changes some, `refresh` changes all. */
const WAYS = {
  ronda(map, data) {
    const fleet = new Fleet();
    const layer = canvasLayer(fleet);
    const n = data.states.length;
    // What the page has when the answer was read; as on the page, the empty layer is there before the data.
    const columns = {
      version: 1,
      ids: Int32Array.from({ length: n }, (_, i) => i + 1),
      lat: data.lat,
      lon: data.lon,
      states: Uint8Array.from(data.states),
      categories: new Uint8Array(n),
      area: new Array(n).fill(-1),
      areas: [],
      rows: [],
    };
    layer.addTo(map);
    return {
      first() {
        fleet.load(columns);
        layer.redraw();
      },
      update(changes) {
        fleet.apply({
          version: fleet.version + 1,
          rows: changes.map(([i, state]) => [i + 1, state, 0, null, null]),
        });
        layer.redraw();
      },
      refresh(states) {
        fleet.states.set(states);
        layer.redraw();
      },
    };
  },
  markercluster(map, data) {
    const group = L.markerClusterGroup({
      animate: false,
      chunkedLoading: false,
      removeOutsideVisibleBounds: true,
    });
    group.addTo(map);
    let markers = [];
    const make = (states) => {
      markers = Array.from(states, (state, i) => {
        const marker = L.marker([data.lat[i], data.lon[i]], { icon: icon(state) });
        marker.state = state;
        return marker;
      });
    };
    return {
      first() {
        make(data.states);
        group.addLayers(markers);
      },
      update(changes) {
        const changed = changes.map(([i, state]) => {
          markers[i].state = state;
          markers[i].setIcon(icon(state));
          return markers[i];
        });
        group.refreshClusters(changed);
      },
      refresh(states) {
        group.clearLayers();
        make(states);
        group.addLayers(markers);
      },
    };
  },
  // As the older system did it: every answer clears the layer and adds all markers with their popups again.
  divicons(map, data) {
    const group = L.layerGroup().addTo(map);
    const put = (states) => {
      group.clearLayers();
      for (let i = 0; i < states.length; i++) {
        const html = `<div class="pin pin-${states[i]}"></div>`;
        L.marker([data.lat[i], data.lon[i]], { icon: L.divIcon({ className: "", iconSize: [14, 14], html }) })
          .bindPopup(`<b>ONT ${i}</b><br>${states[i]}`)
          .addTo(group);
      }
    };
    let states = data.states;
    return {
      first() {
        put(states);
      },
      update(changes) {
        states = Uint8Array.from(states);
        for (const [i, state] of changes) states[i] = state;
        put(states);
      },
      refresh(all) {
        put(all);
      },
    };
  },
};

/** @param {() => void} act */
async function timed(act) {
  await painted();
  const from = performance.now();
  act();
  await painted();
  return performance.now() - from;
}

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** @param {keyof typeof WAYS} name @param {number} n */
globalThis.measure = async (name, n) => {
  const data = invent(n);
  const map = L.map("map", {
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    inertia: false,
    zoomControl: false,
    attributionControl: false,
    maxZoom: 19,
  }).setView([-7.7, 110.375], 12);
  await painted();
  await painted();
  const way = WAYS[name](map, data);
  const result = { first: await timed(() => way.first()) };
  const next = random(5);
  const updates = [];
  for (let round = 0; round < (name === "divicons" ? 1 : 9); round++) {
    const changes = Array.from({ length: 1000 }, () => [Math.floor(next() * n), next() < 0.5 ? 3 : 1]);
    updates.push(await timed(() => way.update(changes)));
  }
  result.update = median(updates);
  if (name !== "divicons") {
    const refreshes = [];
    for (let round = 0; round < 3; round++) {
      const states = Uint8Array.from(data.states, () => (next() < 0.1 ? 3 : 1));
      refreshes.push(await timed(() => way.refresh(states)));
    }
    result.refresh = median(refreshes);
  }
  const frames = [];
  const costs = [];
  await painted();
  let last = 0;
  for (let step = 0; step < 40; step++) {
    await new Promise((resolve) => {
      requestAnimationFrame((at) => {
        if (last) frames.push(at - last);
        last = at;
        const from = performance.now();
        map.panBy([step % 20 < 10 ? 12 : -12, step % 8 < 4 ? 8 : -8], { animate: false });
        costs.push(performance.now() - from);
        resolve(undefined);
      });
    });
  }
  result.frame = median(frames);
  result.frame95 = frames.toSorted((a, b) => a - b)[Math.floor(frames.length * 0.95)];
  const zooms = [];
  for (const zoom of [13, 12, 14, 12, 11, 12])
    zooms.push(await timed(() => map.setZoom(zoom, { animate: false })));
  result.zoom = median(zooms);
  result.nodes = document.querySelectorAll("*").length;
  return result;
};

globalThis.ready = true;
