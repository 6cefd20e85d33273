/* Lets this browser subscribe to notifications, where it can and its person wants it. */
import { token } from "../web/csrf.js";

const box = /** @type {HTMLElement | null} */ (document.querySelector("[data-push-key]"));
const button = box?.querySelector("button");
const state = box?.querySelector("[data-push-state]");

/** @param {string} text */
function say(text) {
  if (state) state.textContent = text;
}

/** @param {ArrayBuffer | null} raw */
function plain64(raw) {
  const text = String.fromCharCode(...new Uint8Array(raw ?? new ArrayBuffer(0)));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
function raw64(text) {
  const padded = text
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .padEnd(Math.ceil(text.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

async function subscribe() {
  if (!box) return;
  if ((await Notification.requestPermission()) !== "granted") {
    say(box.dataset.textDenied ?? "");
    return;
  }
  try {
    const registration = await navigator.serviceWorker.register(box.dataset.pushWorker ?? "", { scope: "/" });
    await navigator.serviceWorker.ready;
    const kept = await registration.pushManager.getSubscription();
    // One that was made with another key is worth nothing any more.
    if (kept && plain64(kept.options.applicationServerKey) !== box.dataset.pushKey) await kept.unsubscribe();
    const found = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: raw64(box.dataset.pushKey ?? ""),
    });
    const answer = await fetch(box.dataset.pushUrl ?? "", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify({
        endpoint: found.endpoint,
        p256dh: plain64(found.getKey("p256dh")),
        auth: plain64(found.getKey("auth")),
      }),
    });
    const told = await answer.json();
    say(told.text ?? told.error);
    if (answer.ok) location.reload();
  } catch {
    say(box.dataset.textFailed ?? "");
  }
}

if (box && button) {
  const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  button.hidden = !can;
  if (!can) say(box.dataset.textCannot ?? "");
  button.addEventListener("click", subscribe);
}
