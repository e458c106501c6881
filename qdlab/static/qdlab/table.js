// Tables: numbers that align on the decimal point, rows that can be ticked, columns that are remembered.

import { onEach, text } from "qdlab/page";

// --- Numbers ----------------------------------------------------------------------------------------------------------

/** Width of what stands right of the decimal point (or of the end of the whole number) in a cell. */
function widthAfterPoint(cell) {
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const match = /^\s*[^\d]*\d+/.exec(node.data);
    if (!match) continue;
    const range = document.createRange();
    range.setStart(node, match[0].length);
    range.setEnd(cell, cell.childNodes.length);
    return range.getBoundingClientRect().width;
  }
  return null;
}

function align(table) {
  for (const body of table.tBodies) {
    const columns = new Map();
    for (const cell of body.querySelectorAll("td.num")) {
      if (cell.colSpan > 1 || cell.querySelector("input, select")) continue;
      cell.style.paddingRight = "";
      const width = widthAfterPoint(cell);
      if (width === null) continue;
      const column = columns.get(cell.cellIndex) || [];
      column.push([cell, width]);
      columns.set(cell.cellIndex, column);
    }
    for (const column of columns.values()) {
      const widest = Math.max(...column.map(([, width]) => width));
      const padding = parseFloat(getComputedStyle(column[0][0]).paddingRight);
      for (const [cell, width] of column) cell.style.paddingRight = `${padding + widest - width}px`;
    }
  }
}

onEach("table:has(td.num)", (table) => {
  align(table);
  document.addEventListener("htmx:afterSettle", () => table.isConnected && align(table));
});

// --- Ticked rows ------------------------------------------------------------------------------------------------------
// <table data-pick-table="batches"> … <input type="checkbox" data-pick value="id"> …
// <div class="pick-bar" data-pick-bar="batches" data-pick-param="batch" hidden> <span data-pick-count> <a data-pick-link href="/compare/">

const picksOf = (name) => new Set(JSON.parse(sessionStorage.getItem(`picked:${name}`) || "[]"));
const keep = (name, picks) => sessionStorage.setItem(`picked:${name}`, JSON.stringify([...picks]));

function showBar(name) {
  const picks = picksOf(name);
  for (const bar of document.querySelectorAll(`[data-pick-bar="${name}"]`)) {
    bar.hidden = picks.size === 0;
    const count = bar.querySelector("[data-pick-count]");
    if (count) count.textContent = text("picked", { n: picks.size });
    for (const link of bar.querySelectorAll("[data-pick-link]")) {
      const address = new URL(link.dataset.base || (link.dataset.base = link.href), location.href);
      for (const id of picks) address.searchParams.append(bar.dataset.pickParam || "batch", id);
      link.href = address;
    }
  }
}

onEach("table[data-pick-table]", (table) => {
  const name = table.dataset.pickTable;
  const boxes = () => [...table.querySelectorAll("input[data-pick]")];
  const all = table.querySelector("input[data-pick-all]");
  const show = () => {
    const picks = picksOf(name);
    for (const box of boxes()) box.checked = picks.has(box.value);
    if (all) all.checked = boxes().length > 0 && boxes().every((box) => box.checked);
    showBar(name);
  };
  table.addEventListener("change", (event) => {
    if (!event.target.matches("input[data-pick], input[data-pick-all]")) return;
    const picks = picksOf(name);
    const changed = event.target === all ? boxes() : [event.target];
    for (const box of changed) event.target.checked ? picks.add(box.value) : picks.delete(box.value);
    keep(name, picks);
    show();
  });
  document.addEventListener("htmx:afterSettle", () => table.isConnected && show());
  show();
});

onEach("[data-pick-bar] [data-pick-none]", (button) => {
  button.addEventListener("click", () => {
    const name = button.closest("[data-pick-bar]").dataset.pickBar;
    keep(name, new Set());
    for (const box of document.querySelectorAll(`[data-pick-table="${name}"] input[type=checkbox]`)) box.checked = false;
    showBar(name);
  });
});

// --- Columns ----------------------------------------------------------------------------------------------------------
// <fieldset data-columns="batches"> <input type="checkbox" value="plqy" checked> …   cells: data-column="plqy"

onEach("[data-columns]", (chooser) => {
  const name = `columns:${chooser.dataset.columns}`;
  const boxes = [...chooser.querySelectorAll("input[type=checkbox]")];
  const table = () => document.getElementById(chooser.dataset.columns);
  const show = () => {
    for (const box of boxes) {
      for (const cell of table()?.querySelectorAll(`[data-column="${CSS.escape(box.value)}"]`) || []) cell.hidden = !box.checked;
    }
  };
  const hidden = new Set(JSON.parse(localStorage.getItem(name) || "null") || boxes.filter((b) => !b.checked).map((b) => b.value));
  for (const box of boxes) box.checked = !hidden.has(box.value);
  chooser.addEventListener("change", () => {
    localStorage.setItem(name, JSON.stringify(boxes.filter((box) => !box.checked).map((box) => box.value)));
    show();
    if (table()) align(table());
  });
  document.addEventListener("htmx:afterSettle", show);
  show();
});
