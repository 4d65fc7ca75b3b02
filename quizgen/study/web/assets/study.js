// What pages gain with JavaScript: keys, dragging, pasting of a whole matrix. Without it everything works as well.
"use strict";

const TYPED = "input:not([type=radio]):not([type=checkbox]), textarea, select, math-field, [contenteditable]";
const ACTIVE = `a, button, summary, input, ${TYPED}`;

// Enter that ends an input method's word must not submit; Safari (229) ends the word before it tells of the key.
const composes = (event) => event.isComposing || event.keyCode === 229;

document.addEventListener("keydown", (event) => {
  if (composes(event)) {
    if (event.key === "Enter") event.preventDefault();
    return;
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter") enter(event);
  else if (/^[1-9]$/.test(event.key)) choose(event);
  else if (event.key === "ArrowUp" || event.key === "ArrowDown") arrow(event);
});

function enter(event) {
  const chosen = event.target.closest(".choice input, .order li, .lefts select, math-field");
  if (chosen && !event.target.closest("button") && !isOpen(chosen)) {
    event.preventDefault();
    chosen.closest("form").requestSubmit();
  } else if (!event.target.closest(ACTIVE)) document.querySelector("[data-primary]")?.click();
}

// Enter in a list that hangs down chooses from it.
const isOpen = (select) => CSS.supports("selector(:open)") && select.matches(":open");

function choose(event) {
  if (event.target.closest(TYPED)) return;
  const box = document.querySelector(`.choices input[data-digit="${event.key}"]`);
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.click();
}

function arrow(event) {
  const item = event.target.closest(".order li");
  if (item) {
    event.preventDefault();
    move(item, event.key === "ArrowUp" ? -1 : 1, event.target);
    return;
  }
  const cell = event.target.closest(".grid .cell");
  if (!cell) return;
  const cells = [...cell.parentElement.querySelectorAll(".cell")];
  const step = Number(cell.parentElement.dataset.columns) * (event.key === "ArrowUp" ? -1 : 1);
  const next = cells[cells.indexOf(cell) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

// What is sent twice at once, as by a double click, is sent once.

const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  const now = performance.now();
  if (now - (sent.get(event.target) ?? -Infinity) < 1000) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else sent.set(event.target, now);
}, true);

// Things to order.

function move(item, by, focused) {
  const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (by < 0) other.before(item);
  else other.after(item);
  focused.focus();
  placed(item);
}

function placed(item) {
  const list = item.parentElement;
  [...list.children].forEach((one, at) => one.classList.toggle("spare", at >= Number(list.dataset.places)));
  announce(`${[...list.children].indexOf(item) + 1}: ${item.querySelector("div").textContent.trim()}`);
  item.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.name === "move" && button.closest(".order")) {
    event.preventDefault();
    move(button.closest("li"), button.value.endsWith("up") ? -1 : 1, button);
  } else if (button?.dataset.insert) {
    const field = button.closest("form").querySelector("#answer:not([hidden])");
    if (!field) return;
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}, true);

let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".order li") ?? null;
  if (!dragged) return;
  dragged.classList.add("dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
});
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.(".order li");
  if (!dragged || !over || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const { top, height } = over.getBoundingClientRect();
  if (over === dragged) return;
  if (event.clientY < top + height / 2) over.before(dragged);
  else over.after(dragged);
});
document.addEventListener("drop", (event) => dragged && event.preventDefault());
document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("dragged");
  placed(dragged);
  dragged = null;
});

// A row or a whole matrix, pasted into a cell: as in a spreadsheet, in Python, in MATLAB, in LaTeX.

document.addEventListener("paste", (event) => {
  const cell = event.target.closest?.(".grid .cell");
  const rows = cell ? table(event.clipboardData.getData("text/plain")) : [];
  if (rows.flat().length < 2) return;
  event.preventDefault();
  const columns = Number(cell.parentElement.dataset.columns);
  const cells = [...cell.parentElement.querySelectorAll(".cell")];
  const start = cells.indexOf(cell);
  const column = rows.every((row) => row.length === 1) && columns === cells.length;
  (column ? [rows.flat()] : rows).forEach((row, down) => row.forEach((entry, right) => {
    const at = start + down * columns + right;
    if ((start % columns) + right < columns && cells[at]) cells[at].value = entry;
  }));
  cell.dispatchEvent(new Event("input", { bubbles: true }));
});

function table(text) {
  const plain = text.trim()
    .replace(/\\begin\{[^}]*\}(\{[^}]*\})?|\\end\{[^}]*\}|\\left|\\right|np\.array|\$/g, "")
    .replace(/，/g, ",").replace(/；/g, ";").replace(/−/g, "-");
  const inner = plain.replace(/\]\s*,?\s*\[|\)\s*,\s*\(|\}\s*,\s*\{/g, "\n").replace(/^[\s[({]+|[\s\])}]+$/g, "");
  const rows = inner.split(/\\\\|;|\r?\n/).map((row) => row.trim()).filter(Boolean);
  return rows.map((row) => {
    const parted = row.split(/\s*[,&\t]\s*/).filter(Boolean);
    return parted.length > 1 ? parted : row.split(/\s+/);
  });
}

// What has changed is said aloud, where the page was not loaded anew.

function announce(words) {
  const live = document.getElementById("live");
  if (live) live.textContent = words;
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "main") return;
  const said = [...document.querySelectorAll("#main [data-announce]")].pop();
  const outcome = document.getElementById("verdict");
  announce([said, outcome].filter(Boolean).map((one) => one.textContent.trim()).join(" "));
});

// What is too wide scrolls; the keyboard must get there as well.

const WIDE = "#main :is(math[display=block], table, pre, figure, .prompt, .steps, .hints, .key > *, .verdict, .grid), "
  + "#main :is(.ask, .order li) > div, .rights span";

// A figure whose words would be too small to be read is one of them.
const LEGIBLE = 0.62;

function reach() {
  for (const drawn of document.querySelectorAll("#main figure svg")) {
    const width = drawn.width.baseVal.value;
    drawn.style.minWidth = "";
    if (drawn.clientWidth < LEGIBLE * width) drawn.style.minWidth = `${0.8 * width}px`;
  }
  for (const one of document.querySelectorAll(WIDE))
    if (one.scrollWidth > one.clientWidth + 1) one.tabIndex = 0;
}

for (const moment of ["DOMContentLoaded", "htmx:afterSettle"]) document.addEventListener(moment, reach);
addEventListener("resize", reach);
