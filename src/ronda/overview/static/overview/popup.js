/** What is told about one ONT on the map: state, since when, RTT, and the ways to its pages. */
import { refresh, short, since } from "../web/age.js";
import { badges } from "../web/marks.js";
import { moment } from "../web/texts.js";

/**
 * @param {string} name
 * @param {string} [className]
 * @param {string} [words]
 */
function element(name, className = "", words = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (words) made.textContent = words;
  return made;
}

/**
 * Fills `box` anew; its place and focus stay.
 * @param {HTMLElement} box
 * @param {import("./fleet.js").Full} one
 * @param {(key: string) => string} text
 * @param {string} ontUrl address of an ONT's page with 0 for its id
 */
export function fill(box, one, text, ontUrl) {
  const page = ontUrl.replace("/0/", `/${one.id}/`);
  const title = element("h2", "popup-title");
  const link = /** @type {HTMLAnchorElement} */ (element("a", "", one.name || `#${one.id}`));
  link.href = page;
  title.append(link);
  const state = element("p", "popup-state");
  const marks = element("span", "states");
  marks.append(...badges(one.state, one.overlay));
  state.append(marks);
  if (one.since) {
    const time = /** @type {HTMLTimeElement} */ (element("time", "popup-since", short(since(one.since))));
    time.dateTime = new Date(one.since * 1000).toISOString();
    time.title = moment(new Date(one.since * 1000));
    time.dataset.age = "for";
    state.append(time);
  }
  const facts = element("dl", "facts");
  /** @param {string} key @param {string | null | undefined} value */
  const fact = (key, value) => {
    if (value) facts.append(element("dt", "", text(key)), element("dd", "", value));
  };
  fact("rtt", one.rtt_ms === null ? null : `${one.rtt_ms.toLocaleString(document.documentElement.lang)} ms`);
  fact("location", one.location);
  fact("area", [one.area_name, one.site].filter(Boolean).join(", "));
  fact("address", one.address);
  fact("customer", one.customer_id);
  const links = element("p", "popup-links");
  const history = /** @type {HTMLAnchorElement} */ (element("a", "btn btn-sm", text("history")));
  history.href = `${page}#section-ont-outages`;
  links.append(history);
  if (one.lat !== null && one.lon !== null) {
    // A geo: address opens whatever map the phone has, without telling anybody else.
    const way = /** @type {HTMLAnchorElement} */ (element("a", "btn btn-sm", text("navigate")));
    way.href = `geo:${one.lat},${one.lon}?q=${one.lat},${one.lon}`;
    links.append(way);
  }
  const focused = box.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
  box.replaceChildren(title, state, facts, ...(ontUrl ? [links] : []));
  if (focused) {
    const same = [...box.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused);
    same?.focus({ preventScroll: true });
  }
  refresh();
}
