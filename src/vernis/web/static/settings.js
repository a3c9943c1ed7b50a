// What settings do besides htmx. Everything works without it.
"use strict";

// A variant's own offers are shown where it has its own.
const open = (select) => {
  document.getElementById(select.dataset.opens).hidden = select.value !== "own";
};
for (const select of document.querySelectorAll("[data-opens]")) {
  open(select);
  select.addEventListener("change", () => open(select));
}

// A secret that is shown once is copied with one press.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.done;
  } catch {
    document.execCommand("copy");
  }
});

// Leaving with something typed and not saved is asked about.
const form = document.getElementById("company-settings");
if (form) {
  let changed = Boolean(document.querySelector('[aria-invalid="true"]'));
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}
