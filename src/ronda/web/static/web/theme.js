// Runs before the first paint (a plain script in the head), so that no page flashes in the wrong colours.
// A chosen theme is written by the server; only "as the device" is decided here.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paper = matchMedia("print");
  const apply = () => {
    const chosen = root.dataset.theme;
    const night = chosen === "dark" || (chosen !== "light" && dark.matches);
    // Paper is white in every theme.
    root.dataset.bsTheme = night && !paper.matches ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("ronda:theme"));
  };
  dark.addEventListener("change", apply);
  paper.addEventListener("change", apply);
  document.addEventListener("ronda:theme-chosen", apply);
  apply();
})();
