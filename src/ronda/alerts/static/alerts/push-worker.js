/* Shows what Ronda sends to this browser, also while no page is open, and opens the page it is about. */

const worker = /** @type {any} */ (self);

worker.addEventListener("push", (/** @type {any} */ event) => {
  const told = event.data?.json() ?? {};
  event.waitUntil(
    worker.registration.showNotification(told.title || "Ronda", {
      body: told.body || "",
      tag: told.tag,
      renotify: Boolean(told.tag),
      requireInteraction: told.severity === "danger",
      data: { url: told.url || "/for-me/" },
    }),
  );
});

worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url ?? "/", worker.location.origin);
  const path = url.origin === worker.location.origin ? url.href : worker.location.origin;
  event.waitUntil(worker.clients.openWindow(path));
});
