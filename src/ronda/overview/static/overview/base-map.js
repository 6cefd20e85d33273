/**
 * What lies under the ONTs: nothing but a plain ground, the operator's own PMTiles file, or a tile address the
 * operator chose; and the operator's own GeoJSON over it. The libraries for PMTiles load only where they are used.
 */
const L = /** @type {any} */ (globalThis).L;

/**
 * @typedef {{tilesUrl?: string, tilesAttribution?: string, pmtiles?: string, geojson?: string,
 *   pmtilesScript?: string, protomapsScript?: string}} Ground
 */

/** @param {string} address */
function script(address) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = () => resolve(undefined);
    element.onerror = () => reject(new Error(`${address} did not load`));
    document.head.append(element);
  });
}

/**
 * Adds what there is to add; says what could not be had, as a sentence's key.
 * @param {any} map Leaflet map
 * @param {Ground} ground
 * @param {(key: string) => void} complain
 */
export async function lay(map, ground, complain) {
  const attribution = ground.tilesAttribution ?? "";
  if (ground.pmtiles) {
    await layPmtiles(map, ground, attribution).catch(() => complain("no-pmtiles"));
  } else if (ground.tilesUrl) {
    const tiles = L.tileLayer(ground.tilesUrl, { attribution, maxZoom: 22, maxNativeZoom: 19 });
    let failed = 0;
    tiles.on("tileerror", () => {
      if (++failed === 4) complain("no-tiles");
    });
    tiles.addTo(map);
    map.getContainer().classList.add("with-tiles");
  }
  if (ground.geojson) await layGeojson(map, ground.geojson).catch(() => complain("no-geojson"));
}

/** @param {any} map @param {Ground} ground @param {string} attribution */
async function layPmtiles(map, ground, attribution) {
  await script(String(ground.pmtilesScript));
  const { pmtiles } = /** @type {any} */ (globalThis);
  const file = new pmtiles.PMTiles(new URL(String(ground.pmtiles), location.href).href);
  const header = await file.getHeader();
  const credit = attribution || "© OpenStreetMap";
  if (header.tileType !== 1) {
    rasterLayer(file, { attribution: credit, maxZoom: 22, maxNativeZoom: header.maxZoom }).addTo(map);
  } else {
    await script(String(ground.protomapsScript));
    const { protomapsL } = /** @type {any} */ (globalThis);
    /** @type {any} */
    let layer = null;
    const put = () => {
      if (layer) map.removeLayer(layer);
      const flavor = document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light";
      layer = protomapsL.leafletLayer({
        url: file,
        flavor,
        lang: document.documentElement.lang || "id",
        attribution: credit,
        maxDataZoom: header.maxZoom,
      });
      layer.addTo(map);
      layer.bringToBack?.();
    };
    put();
    document.addEventListener("ronda:theme", put);
  }
  map.getContainer().classList.add("with-tiles");
}

/**
 * Picture tiles of a PMTiles file. Drawn on canvases and not as images: those would have blob: addresses, which
 * the pages' content security policy does not allow.
 * @param {any} file
 * @param {object} options
 */
function rasterLayer(file, options) {
  const Layer = L.GridLayer.extend({
    createTile(/** @type {{x: number, y: number, z: number}} */ at, /** @type {Function} */ done) {
      const tile = document.createElement("canvas");
      const size = this.getTileSize();
      tile.width = size.x;
      tile.height = size.y;
      file
        .getZxy(at.z, at.x, at.y)
        .then(async (/** @type {{data: ArrayBuffer} | undefined} */ found) => {
          if (found) {
            const picture = await createImageBitmap(new Blob([found.data]));
            tile.getContext("2d")?.drawImage(picture, 0, 0, size.x, size.y);
          }
          done(null, tile);
        })
        .catch((/** @type {Error} */ error) => done(error, tile));
      return tile;
    },
  });
  return new Layer(options);
}

/** @param {any} map @param {string} address */
async function layGeojson(map, address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`GeoJSON answered ${answer.status}`);
  const style = getComputedStyle(map.getContainer());
  L.geoJSON(await answer.json(), {
    interactive: false,
    style: { color: style.getPropertyValue("--ink-soft").trim(), weight: 1.5, fillOpacity: 0.04 },
    pointToLayer: (/** @type {any} */ _feature, /** @type {any} */ at) => L.circleMarker(at, { radius: 3 }),
  }).addTo(map);
}
