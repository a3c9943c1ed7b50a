// The first steps: a country guessed by the browser's time zone, files dropped and sent at once.
"use strict";

const guessing = document.querySelector("[data-guess]");
if (guessing) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const country = JSON.parse(document.getElementById(guessing.dataset.guess).textContent)[zone];
  const zones = document.getElementById("timezone");
  if (country && country !== guessing.value && !document.querySelector("[role=alert]")) {
    guessing.value = country;
    guessing.dispatchEvent(new Event("change", { bubbles: true }));
    document.body.addEventListener("htmx:afterSwap", () => {
      document.getElementById("timezone").value = zone;
    }, { once: true });
  } else if (country && [...zones.options].some((option) => option.value === zone)) {
    zones.value = zone;
  }
}

for (const form of document.querySelectorAll("[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  const sending = form.querySelector(".sending");
  const fault = form.querySelector("[role=alert]");

  const complain = (text) => {
    fault.textContent = text;
    fault.hidden = false;
    sending.hidden = true;
    input.value = "";
  };

  const send = () => {
    if (!input.files.length) return;
    fault.hidden = true;
    const size = [...input.files].reduce((sum, file) => sum + file.size, 0);
    if (size > Number(form.dataset.most)) {
      complain(form.dataset.tooLarge);
      return;
    }
    sending.hidden = false;
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) {
        form.querySelector("progress").value = (100 * event.loaded) / event.total;
      }
    });
    request.addEventListener("load", () => {
      if (request.status === 200) window.location.assign(request.responseURL);
      else if (request.status === 413) complain(form.dataset.tooLarge);
      else complain(form.dataset.lost);
    });
    request.addEventListener("error", () => complain(form.dataset.lost));
    request.open("POST", form.action);
    request.setRequestHeader("accept", "text/html");
    request.send(new FormData(form));
  };

  input.addEventListener("change", send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    form.addEventListener(name, () => form.classList.remove("over"));
  }
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    send();
  });
}
