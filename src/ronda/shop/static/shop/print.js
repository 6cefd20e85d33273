/** Opens the print dialog: by the button, and by itself right after somebody asked for the pages. */

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}

if (document.body.hasAttribute("data-print-now")) {
  // Once only: loading the page again must not print again.
  const address = new URL(window.location.href);
  address.searchParams.delete("now");
  window.history.replaceState(null, "", address);
  window.addEventListener("load", () => window.print());
}
