// A row that was swapped keeps the keyboard where it was: in its field, or on its first button.
"use strict";

document.addEventListener("htmx:afterSwap", (event) => {
  const row = event.detail.elt?.closest?.(".client") ?? null;
  if (!row?.isConnected || document.activeElement !== document.body) return;
  const place = row.querySelector("[data-focus]") ?? row.querySelector(".acts button, .acts a, h3 a");
  place?.focus({ preventScroll: true });
});

// On a phone the strip of days begins where the chosen one is.
document.querySelector(".days [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
