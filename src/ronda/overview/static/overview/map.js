/**
 * The map page. The map moves only when the person moves it, chooses an ONT, or asks to see all; never by itself
 * once it stands (the first picture may be fitted). What is seen is kept in the address.
 */
import { text as shellText } from "../web/texts.js";
import { everything, read, write } from "./address-bar.js";
import { lay } from "./base-map.js";
import { canvasLayer } from "./canvas-layer.js";
import { Feed } from "./feed.js";
import { Fleet, latitudeAt, longitudeAt } from "./fleet.js";
import { SINGLES_ZOOM } from "./grid.js";
import { MapList } from "./map-list.js";
import { fill } from "./popup.js";

const L = /** @type {any} */ (globalThis).L;
/** Where a map without any ONT opens: Java. */
const NOWHERE = { zoom: 7, lat: -7.5, lon: 110.2 };

const box = /** @type {HTMLElement} */ (document.getElementById("map"));
const page = /** @type {HTMLElement} */ (box.closest("[data-map-page]") ?? document.body);
const settings = box.dataset;
const wallboard = "wallboard" in settings;
const texts = /** @type {HTMLElement | null} */ (document.getElementById("map-texts"))?.dataset ?? {};

/** @param {string} key */
function text(key) {
  return texts[key.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase())] ?? key;
}

/** @template {HTMLElement} T @param {string} selector @returns {T | null} */
function find(selector) {
  return page.querySelector(selector);
}

const fleet = new Fleet();
const choice = wallboard ? everything() : read(location.hash);
/** Whether a person has moved the map (then nothing but a person moves it again). */
let moved = choice.place !== null;
let fitted = false;
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

const map = L.map(box, {
  zoomControl: false,
  attributionControl: false,
  minZoom: 4,
  maxZoom: 22,
  zoomSnap: 0.5,
  wheelPxPerZoomLevel: 100,
  zoomAnimation: !calm,
  fadeAnimation: !calm,
  inertia: !calm,
  keyboard: !wallboard,
});
const start = choice.place ?? NOWHERE;
map.setView([start.lat, start.lon], start.zoom, { animate: false });
L.control.attribution({ prefix: false, position: "bottomright" }).addTo(map);
if (!wallboard) {
  L.control
    .zoom({ position: "topright", zoomInTitle: text("zoom-in"), zoomOutTitle: text("zoom-out") })
    .addTo(map);
}
L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);

const layer = canvasLayer(fleet);
layer.addTo(map);
const notes = { ground: "", onts: "" };
lay(map, settings, (key) => note("ground", text(key)));
document.addEventListener("ronda:theme", () => layer.recolour());
new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(box);

/**
 * Says something above the map. What is said of the ground stays when the ONTs arrive.
 * @param {"ground" | "onts"} about @param {string} words
 */
function note(about, words) {
  const place = find("[data-map-note]");
  if (!place) return;
  notes[about] = words;
  place.textContent = Object.values(notes).filter(Boolean).join(" ");
  place.hidden = !place.textContent;
}

// ---- the map and the hand that moves it

let mine = 0;

/** Moves the map on our account, so that it is not taken for the person's move. @param {() => void} move */
function quietly(move) {
  mine++;
  move();
  mine--;
}

map.on("dragstart zoomstart", () => {
  if (!mine) moved = true;
});
map.on("moveend", () => {
  if (!wallboard && (moved || fitted)) {
    const centre = map.getCenter();
    choice.place = { zoom: map.getZoom(), lat: centre.lat, lon: centre.lng };
    remember();
  }
});

let remembering = 0;

function remember() {
  clearTimeout(remembering);
  remembering = window.setTimeout(() => {
    const hash = write(choice);
    history.replaceState(history.state, "", hash ? `#${hash}` : location.pathname + location.search);
  }, 200);
}

function fit() {
  const bounds = fleet.bounds();
  if (!bounds) return;
  quietly(() =>
    map.fitBounds(
      [
        [latitudeAt(bounds.south), longitudeAt(bounds.west)],
        [latitudeAt(bounds.north), longitudeAt(bounds.east)],
      ],
      { padding: [36, 36], maxZoom: 17, animate: false },
    ),
  );
  fitted = true;
}

find("[data-fit]")?.addEventListener("click", () => fit());
find("[data-full]")?.addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else page.requestFullscreen?.();
});

// ---- one ONT: popup, tooltip, choosing

const bubble = document.createElement("div");
bubble.className = "ont-popup";
bubble.setAttribute("role", "group");
const popup = L.popup({
  minWidth: 220,
  maxWidth: 320,
  autoPan: true,
  autoPanPadding: [24, 24],
  closeButton: true,
});
/** @type {HTMLElement | null} */
let cameFrom = null;

/** @param {number} id @param {{x: number, y: number} | null} at the point of the screen that was touched */
function choose(id, at = null) {
  const i = fleet.places.get(id);
  if (i === undefined) return;
  if (Number.isNaN(fleet.x[i])) {
    note("onts", text("no-position-of").replace("{name}", fleet.texts[i]?.name ?? `#${id}`));
    if (settings.ontUrl) location.href = settings.ontUrl.replace("/0/", `/${id}/`);
    return;
  }
  note("onts", "");
  const place = [latitudeAt(fleet.y[i]), longitudeAt(fleet.x[i])];
  cameFrom = at ? null : /** @type {HTMLElement | null} */ (document.activeElement);
  if (!at) {
    moved = true;
    map.setView(place, Math.max(map.getZoom(), SINGLES_ZOOM), { animate: false });
  }
  layer.selected = id;
  choice.ont = id;
  show(id);
  // Over the fanned-out mark when it was touched there, else over the true place.
  const anchor = at ? map.containerPointToLatLng([at.x, at.y]) : place;
  popup.options.autoPan = true;
  popup.setLatLng(anchor).setContent(bubble).openOn(map);
  // From here on only its text changes; it must not push the map about.
  popup.options.autoPan = false;
  if (!at) /** @type {HTMLElement | null} */ (bubble.querySelector("a"))?.focus({ preventScroll: true });
  layer.redraw();
  remember();
}

/** @param {number} id */
function show(id) {
  const i = fleet.places.get(id);
  if (i === undefined) return;
  const area = fleet.areas[fleet.area[i]];
  const words = fleet.texts[i];
  fill(
    bubble,
    {
      id,
      name: words?.name ?? "",
      customer_id: words?.customerId ?? null,
      location: words?.location ?? null,
      address: words?.address ?? null,
      lat: Number.isNaN(fleet.y[i]) ? null : Math.round(latitudeAt(fleet.y[i]) * 1e6) / 1e6,
      lon: Number.isNaN(fleet.x[i]) ? null : Math.round(longitudeAt(fleet.x[i]) * 1e6) / 1e6,
      area: area?.id ?? null,
      area_name: area?.name ?? null,
      site: area?.site ?? null,
      category: fleet.categories[i],
      state: fleet.states[i],
      overlay: fleet.overlays[i],
      since: fleet.since[i] || null,
      rtt_ms: null,
    },
    text,
    settings.ontUrl ?? "",
  );
  feed.detail(id).then((one) => {
    if (one && layer.selected === id && one.state === fleet.states[i]) {
      fill(bubble, one, text, settings.ontUrl ?? "");
    }
  });
}

// Leaflet listens only while the map itself has the focus; from the popup's links Escape must close too.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && popup.isOpen() && !document.querySelector("dialog[open]"))
    map.closePopup(popup);
});
map.on("popupclose", () => {
  layer.selected = 0;
  choice.ont = null;
  layer.redraw();
  remember();
  cameFrom?.focus?.({ preventScroll: true });
  cameFrom = null;
});

map.on("click", (/** @type {any} */ event) => {
  const hit = layer.hit(event.containerPoint, event.originalEvent.pointerType === "touch" ? 22 : 14);
  if (!hit) return;
  if (hit.spot) {
    choose(fleet.ids[hit.spot.index], hit.spot);
    return;
  }
  moved = true;
  const at = map.containerPointToLatLng([hit.cluster.x, hit.cluster.y]);
  map.setView(at, Math.min(22, Math.max(map.getZoom() + 2, map.getZoom())), { animate: !calm });
});

const tip = L.tooltip({ direction: "top", offset: [0, -12], className: "ont-tip" });
map.on("mousemove", (/** @type {any} */ event) => {
  const hit = layer.hit(event.containerPoint);
  box.classList.toggle("over", hit !== null);
  const id = hit?.spot ? fleet.ids[hit.spot.index] : 0;
  if (!hit?.spot || id === layer.selected) {
    map.closeTooltip(tip);
    return;
  }
  const i = hit.spot.index;
  const name = document.createElement("span");
  name.textContent = `${fleet.texts[i]?.name ?? `#${id}`}: ${shellText(`state-${fleet.states[i]}`)}`;
  tip.setLatLng(map.containerPointToLatLng([hit.spot.x, hit.spot.y])).setContent(name);
  map.openTooltip(tip);
});
map.on("mouseout", () => map.closeTooltip(tip));

// ---- filters, search, list

const listBox = find("[data-map-list]");
const list = listBox ? new MapList(listBox, fleet, { choose: (id) => choose(id), text }) : null;
const search = /** @type {HTMLInputElement | null} */ (find("[data-map-search]"));
const areas = /** @type {HTMLSelectElement | null} */ (find("[data-map-area]"));
const categories = /** @type {HTMLSelectElement | null} */ (find("[data-map-category]"));
const chips = /** @type {HTMLButtonElement[]} */ ([...page.querySelectorAll("[data-map-state]")]);
const unlocated = /** @type {HTMLButtonElement | null} */ (find("[data-map-unlocated]"));

/** @param {boolean} [asked] by the person, and not by news */
function refilter(asked = false) {
  const shown = fleet.filter(choice);
  const place = find("[data-map-shown]");
  const words = text("shown")
    .replace("{shown}", shown.toLocaleString(document.documentElement.lang))
    .replace("{total}", fleet.size.toLocaleString(document.documentElement.lang));
  if (place && place.textContent !== words) {
    // Spoken when the person asked, not each time that an ONT changes.
    place.ariaLive = asked ? "polite" : "off";
    place.textContent = words;
  }
  for (const chip of chips) {
    chip.setAttribute("aria-pressed", String(choice.states?.has(Number(chip.dataset.mapState)) ?? false));
  }
  unlocated?.setAttribute("aria-pressed", String(choice.unlocated));
  layer.redraw();
}

function ask() {
  refilter(true);
  list?.restart();
  remember();
}

if (search) {
  search.value = choice.text;
  let pause = 0;
  search.addEventListener("input", () => {
    clearTimeout(pause);
    pause = window.setTimeout(() => {
      choice.text = search.value.trim();
      ask();
    }, 120);
  });
  search.closest("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    choice.text = search.value.trim();
    ask();
    const [first] = fleet.worst(1);
    if (choice.text && first !== undefined) choose(fleet.ids[first]);
  });
}
for (const chip of chips) {
  chip.addEventListener("click", () => {
    const state = Number(chip.dataset.mapState);
    const states = new Set(choice.states ?? []);
    if (!states.delete(state)) states.add(state);
    choice.states = states.size ? states : null;
    ask();
  });
}
areas?.addEventListener("change", () => {
  choice.area = areas.value ? Number(areas.value) : null;
  ask();
});
categories?.addEventListener("change", () => {
  choice.category = categories.value ? Number(categories.value) : null;
  ask();
});
unlocated?.addEventListener("click", () => {
  choice.unlocated = !choice.unlocated;
  ask();
});
find("[data-map-reset]")?.addEventListener("click", () => {
  Object.assign(choice, { ...everything(), place: choice.place, ont: choice.ont });
  if (search) search.value = "";
  if (areas) areas.value = "";
  if (categories) categories.value = "";
  ask();
});

function nameAreas() {
  if (!areas) return;
  const sites = new Set(fleet.areas.map((area) => area.site));
  const options = fleet.areas
    .map((area) => ({ id: area.id, label: sites.size > 1 ? `${area.site}: ${area.name}` : area.name }))
    .sort((a, b) => a.label.localeCompare(b.label, undefined, { numeric: true }))
    .map(({ id, label }) => new Option(label, String(id)));
  areas.replaceChildren(areas.options[0], ...options);
  areas.value = choice.area === null ? "" : String(choice.area);
  if (categories) categories.value = choice.category === null ? "" : String(choice.category);
}

// ---- news

const feed = new Feed(fleet, {
  drawn() {
    box.setAttribute("aria-busy", "false");
    note("onts", fleet.size ? "" : text("empty"));
    nameAreas();
    refilter();
    if (!moved && !fitted) fit();
    list?.make();
    layer.draw();
    document.dispatchEvent(new CustomEvent("ronda:map-drawn"));
  },
  named() {
    refilter();
    list?.make();
    if (choice.ont !== null && layer.selected === 0) choose(choice.ont);
  },
  changed(ids, many) {
    if (many) nameAreas();
    // Filters by state move ONTs in and out as they change; the search and the popup stay as they are.
    if (many || choice.states || choice.text) refilter();
    layer.redraw();
    list?.refresh();
    if (layer.selected && ids.has(layer.selected)) show(layer.selected);
  },
  failed(status) {
    note("onts", text(status === 401 || status === 403 ? "not-allowed" : "no-feed"));
    if (status !== 401 && status !== 403) setTimeout(() => feed.load(), 5000);
  },
  counted(counts) {
    for (const place of page.querySelectorAll("[data-map-count]")) {
      const element = /** @type {HTMLElement} */ (place);
      const value = counts[/** @type {keyof typeof counts} */ (element.dataset.mapCount)];
      element.textContent = value.toLocaleString(document.documentElement.lang);
      if ("hideZero" in element.dataset)
        /** @type {HTMLElement} */ (element.closest("[data-zero]") ?? element).hidden = !value;
    }
  },
});
feed.start();
