/**
 * The layer that draws the fleet on one canvas over a Leaflet map. A change of any number of ONTs costs one
 * picture: bytes are written into the fleet, and at most one drawing per animation frame follows.
 */
import { Grid } from "./grid.js";
import { palette, Sprites } from "./sprites.js";

const L = /** @type {any} */ (globalThis).L;

const FRAME_MS = 12;

/**
 * @param {import("./fleet.js").Fleet} fleet
 * @returns {any} a Leaflet layer with `redraw()`, `recolour()` and `hit(point)`
 */
export function canvasLayer(fleet) {
  return new FleetLayer(fleet);
}

const FleetLayer = L.Layer.extend({
  initialize(/** @type {import("./fleet.js").Fleet} */ fleet) {
    this.fleet = fleet;
    this.grid = new Grid();
    this.frame = 0;
    this.drawnAt = 0;
    this.selected = 0;
  },

  onAdd(/** @type {any} */ map) {
    this.canvas = L.DomUtil.create("canvas", "fleet-canvas leaflet-zoom-animated");
    this.canvas.setAttribute("aria-hidden", "true");
    map.getPane("overlayPane").append(this.canvas);
    this.recolour();
    this.draw();
  },

  onRemove() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.canvas.remove();
  },

  getEvents() {
    return {
      move: this.follow,
      moveend: this.follow,
      zoom: this.follow,
      zoomend: this.follow,
      viewreset: this.redraw,
      resize: this.redraw,
      zoomanim: this.animate,
    };
  },

  /**
   * Draws at most once in a frame. The first call draws at once: the picture moves together with the map that is
   * being dragged, and is ready before its frame begins; what else comes within the frame waits for the next.
   */
  redraw() {
    if (this.frame || !this._map) return;
    if (!document.hidden && performance.now() - this.drawnAt >= FRAME_MS) this.draw();
    else this.frame = requestAnimationFrame(() => this.draw());
  },

  /** The map tells of one move several times; only a view that was not drawn yet is drawn. */
  follow() {
    const view = this.view();
    const drawn = this.drawn;
    const same =
      drawn &&
      drawn.zoom === view.zoom &&
      drawn.left === view.left &&
      drawn.top === view.top &&
      drawn.width === view.width &&
      drawn.height === view.height;
    if (!same) this.redraw();
    else if (this.animating) this.place();
    this.animating = false;
  },

  /** After the theme or the screen's density changed. */
  recolour() {
    this.density = Math.max(1, globalThis.devicePixelRatio || 1);
    this.sprites = new Sprites(palette(this.canvas), this.density);
    this.sprites.warm(this.canvas.getContext("2d"));
    this.redraw();
  },

  view() {
    const map = this._map;
    const size = map.getSize();
    const zoom = map.getZoom();
    const corner = map.project(map.containerPointToLatLng([0, 0]), zoom);
    return { zoom, left: corner.x, top: corner.y, width: size.x, height: size.y };
  },

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const map = this._map;
    if (!map) return;
    if (this.density !== Math.max(1, globalThis.devicePixelRatio || 1)) this.recolour();
    const view = this.view();
    this.drawn = view;
    this.place();
    const width = Math.round(view.width * this.density);
    const height = Math.round(view.height * this.density);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.canvas.style.width = `${view.width}px`;
      this.canvas.style.height = `${view.height}px`;
    }
    this.grid.gather(this.fleet, view);
    const pen = this.canvas.getContext("2d");
    pen.setTransform(this.density, 0, 0, this.density, 0, 0);
    pen.clearRect(0, 0, view.width, view.height);
    this.paint(pen);
    this.drawnAt = performance.now();
  },

  /** Puts the canvas over the map as it stands. */
  place() {
    const map = this._map;
    this.corner = map.containerPointToLatLng([0, 0]);
    L.DomUtil.setTransform(this.canvas, map.containerPointToLayerPoint([0, 0]), 1);
  },

  paint(/** @type {CanvasRenderingContext2D} */ pen) {
    const { states, overlays, ids } = this.fleet;
    const { spots, clusters } = this.grid;
    pen.strokeStyle = this.sprites.colours.soft;
    pen.lineWidth = 1;
    for (const spot of spots) {
      if (spot.x === spot.fromX && spot.y === spot.fromY) continue;
      pen.beginPath();
      pen.moveTo(spot.fromX, spot.fromY);
      pen.lineTo(spot.x, spot.y);
      pen.stroke();
    }
    this.sprites.begin(pen);
    for (const cluster of clusters) this.sprites.ring(pen, cluster);
    for (const spot of spots) {
      this.sprites.draw(pen, states[spot.index], overlays[spot.index], spot.x, spot.y);
      if (ids[spot.index] === this.selected) {
        pen.strokeStyle = this.sprites.colours.ink;
        pen.lineWidth = 2.5;
        pen.beginPath();
        pen.arc(spot.x, spot.y, 15, 0, 7);
        pen.stroke();
      }
    }
  },

  /** Follows Leaflet's zoom animation by scaling the picture; the true one is drawn when it ends. */
  animate(/** @type {{center: any, zoom: number}} */ event) {
    if (!this.corner) return;
    this.animating = true;
    const scale = this._map.getZoomScale(event.zoom, this.drawn.zoom);
    L.DomUtil.setTransform(
      this.canvas,
      this._map._latLngToNewLayerPoint(this.corner, event.zoom, event.center),
      scale,
    );
  },

  /** What lies under a point of the map's container. */
  hit(/** @type {{x: number, y: number}} */ point, reach = 14) {
    return this.grid.hit(point.x, point.y, reach);
  },
});
