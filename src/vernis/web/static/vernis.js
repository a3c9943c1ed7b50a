// The little that pages need besides htmx. Nothing here is needed to read a page.
"use strict";

// A button that cannot be taken back asks first.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset?.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// Forms and links that answer with a fault show it as any other answer.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { status } = event.detail.xhr;
  if (status === 422 || status === 409) event.detail.shouldSwap = true;
});

// One open menu at a time; Escape closes it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.dropdown[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A field that chooses what is shown sends its form by itself; there is a button without JavaScript.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});
document.documentElement.classList.add("js");
