// The clock of an exam: it only shows what the server has said, and asks the server when it has run down.
"use strict";

let ticking = null;

function clock() {
  clearInterval(ticking);
  const shown = document.querySelector("[data-left]");
  if (!shown) return;
  const end = Date.now() + 1000 * Number(shown.dataset.left);
  const words = shown.querySelector("b");
  let minutes = Math.ceil(Number(shown.dataset.left) / 60);
  let isKept = false;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
    words.textContent = (parts[0] ? parts : parts.slice(1)).map((part, at) => (at ? String(part).padStart(2, "0") : part)).join(":");
    shown.classList.toggle("short", left <= 300);
    const now = Math.ceil(left / 60);
    if (now < minutes && [10, 5, 1].includes(now)) {
      const live = document.getElementById("live");
      if (live) live.textContent = now === 1 ? shown.dataset.last : shown.dataset.warn.replace("N", now);
    }
    minutes = now;
    if (left <= 2 && !isKept && changed) {
      isKept = true;
      document.getElementById("sheet")?.dispatchEvent(new Event("keep"));
    }
    if (left > 0) return;
    clearInterval(ticking);
    location.assign(shown.dataset.over);
  };
  ticking = setInterval(tick, 1000);
  tick();
}

// What was typed last is kept even when the window is closed at once; a window that only lay open changes nothing.
let changed = false;
document.addEventListener("input", (event) => {
  if (event.target.closest("#sheet")) changed = true;
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "kept" || event.target.id === "main") changed = false;
});
addEventListener("pagehide", () => {
  const sheet = document.getElementById("sheet");
  if (sheet && changed) navigator.sendBeacon(`${sheet.getAttribute("action")}/keep`, new URLSearchParams(new FormData(sheet)));
});

// What could not be kept is said, in place of a page that would be put there.
function unkept(event) {
  const said = event.detail.target;
  if (said?.id !== "kept" || event.detail.xhr.status === 200) return;
  event.detail.shouldSwap = false;
  said.textContent = said.dataset.failed;
  said.className = "wrong";
  const live = document.getElementById("live");
  if (live) live.textContent = said.dataset.failed;
}

for (const moment of ["htmx:beforeSwap", "htmx:sendError"]) document.addEventListener(moment, unkept);

// On a phone the questions stand in one row, which scrolls.
function centre() {
  const here = document.querySelector(".steps-nav [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - here.parentElement.clientWidth / 2 + here.clientWidth / 2;
}

for (const moment of ["DOMContentLoaded", "htmx:afterSettle"])
  document.addEventListener(moment, () => {
    clock();
    centre();
  });
