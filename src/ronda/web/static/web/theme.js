// Runs before the first paint (a plain script in the head), so that no page flashes in the wrong colours.
// A chosen theme is written by the server; only "as the device" is decided here.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = root.dataset.theme;
    root.dataset.bsTheme = chosen === "dark" || (chosen !== "light" && dark.matches) ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("ronda:theme"));
  };
  dark.addEventListener("change", apply);
  document.addEventListener("ronda:theme-chosen", apply);
  apply();
})();
