// Dialogs as they go on: what has changed is fetched again, by htmx. Without this the pages show the
// same, as it was when they were loaded.
"use strict";

const QUIET = 300; // ms: what changes together is fetched once
const POLL = 15000; // where live updates are not to be had

(() => {
  const panes = document.querySelector("[data-events]");
  if (!panes) return;
  let source = null;
  let poll = null;
  let waiting = null;

  const refresh = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => htmx.trigger(document.body, "dialog-changed"), QUIET);
  };

  const listen = () => {
    clearInterval(poll);
    if (document.hidden) return;
    source = new EventSource(panes.dataset.events);
    source.addEventListener("changed", refresh);
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
      clearInterval(poll);
      poll = setInterval(refresh, POLL);
    });
  };

  // A page that nobody sees holds no connection; when it is seen again it is brought up to date.
  document.addEventListener("visibilitychange", () => {
    source?.close();
    listen();
  });
  listen();

  // Sent by Ctrl+Enter, and the next answer can be written at once.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "text") {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });

  const said = document.getElementById("said");
  let last = document.getElementById("end")?.dataset.key;
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "composer") document.getElementById("text")?.focus();
    if (event.target !== said) return;
    const end = document.getElementById("end");
    if (!end || end.dataset.key === last) return;
    last = end.dataset.key;
    if (window.innerWidth < 768) end.scrollIntoView({ block: "nearest" });
    const news = document.getElementById("news");
    if (end.dataset.theirs) {
      news.textContent = `${news.dataset.says}: ${end.querySelector(".body")?.textContent ?? ""}`;
    }
  });
})();
