// The inbox under the hand: what was ticked, typed or opened outlives a refresh, and files are placed by keyboard.
//
// #inbox-rows is swapped as a whole (htmx). Inside: details[data-group], li[data-row] with input[data-pick] and a form with
// [data-inbox-accept], [data-inbox-refuse], [data-inbox-change]; <template id="inbox-facts"> has the further fields.

import { onEach, text } from "qdlab/page";

const rowsOf = () => document.getElementById("inbox-rows");
const concerns = (event) => event.detail.target?.id === "inbox-rows";
const putAway = new Set(); // groups that somebody closed; the others open by themselves when a new file comes into them
const FEW = 50; // rows of a group that come by themselves
const STILL_MS = 2500;
let kept = null;
let later = null;

// --- A refresh takes nothing away -------------------------------------------------------------------------------------

/** Which groups stand open is asked for again, so that their rows come back with them. */
document.addEventListener("htmx:configRequest", (event) => {
  if (!concerns(event)) return;
  const groups = [...rowsOf().querySelectorAll("details[data-group]")];
  const named = (some) => some.slice(0, 30).map((group) => group.dataset.group);
  for (const group of groups) if (group.open) putAway.delete(group.dataset.group);
  for (const group of groups) if (!group.open && "shown" in group.dataset) putAway.add(group.dataset.group);
  event.detail.parameters.open = named(groups.filter((group) => group.open));
  event.detail.parameters.closed = named(groups.filter((group) => putAway.has(group.dataset.group)));
  event.detail.parameters.rows = groups.filter(isLong).map((group) => `${group.dataset.group}:${rowsIn(group)}`);
  event.detail.parameters.since = rowsOf().closest("[data-inbox-since]").dataset.inboxSince;
});

const rowsIn = (group) => group.querySelectorAll("[data-row]").length;
const isLong = (group) => rowsIn(group) > FEW;
const fieldInHand = () => document.activeElement?.closest?.("#inbox-rows input:not([type=checkbox]), #inbox-rows select");
let touched = 0; // when somebody last typed or chose in a row
for (const kind of ["input", "keydown", "pointerdown"]) {
  document.addEventListener(kind, (event) => event.target.closest?.("#inbox-rows [data-row]") && (touched = Date.now()), true);
}

/** A list that hangs open, or a word half typed, is not renewed under the hand; a field that only has the focus is. */
document.addEventListener("htmx:beforeRequest", (event) => {
  const own = concerns(event) && event.detail.elt.id === "inbox-rows";
  if (!own || !fieldInHand() || (Date.now() - touched > STILL_MS && !hangsOpen(fieldInHand()))) return;
  event.preventDefault();
  clearTimeout(later); // what was held back is asked for as soon as the hand rests
  later = setTimeout(() => document.body.dispatchEvent(new CustomEvent("qdlab:analysed")), STILL_MS);
});

function hangsOpen(field) {
  try {
    return field.matches("select:open");
  } catch {
    return false; // a browser that does not tell
  }
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!concerns(event)) return;
  const row = document.activeElement?.closest?.("[data-row]");
  const rows = [...rowsOf().querySelectorAll("[data-row]")];
  kept = {
    ticked: new Set([...rowsOf().querySelectorAll("[data-pick]:checked")].map((box) => box.value)),
    typed: rows.map(typedIn).filter(Boolean),
    told: event.detail.requestConfig?.elt?.id === "inbox-rows" ? rows.map(toldOf).filter(Boolean) : [], // not what was answered
    row: row?.id,
    place: rows.indexOf(row),
    focus: whereIn(document.activeElement),
  };
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (!kept || !concerns(event)) return;
  for (const box of rowsOf().querySelectorAll("[data-pick]")) box.checked = kept.ticked.has(box.value);
  for (const { id, values } of kept.typed) {
    const form = document.getElementById(id)?.querySelector(".inbox-place");
    if (!form) continue;
    if ("role" in values) showFacts(form);
    for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  }
  for (const { id, html } of kept.told) sayAgain(document.getElementById(id), html);
  if (kept.place >= 0) {
    const rows = [...rowsOf().querySelectorAll("[data-row]")];
    // What stood there may have found its place: then the next one is at hand.
    const row = document.getElementById(kept.row) || rows[Math.min(kept.place, rows.length - 1)];
    if (!focusAgain(document.getElementById(kept.row) && kept.focus)) row?.focus({ preventScroll: true });
  }
  kept = null;
  countTicks();
});

/** What was said of a row stays until somebody does something about it, also when the list is renewed by itself. */
function toldOf(row) {
  const html = [...row.querySelectorAll(".inbox-told")].map((told) => told.outerHTML).join("");
  return html && { id: row.id, html };
}

function sayAgain(row, html) {
  const place = row?.querySelector(".inbox-where");
  if (!place || place.querySelector(".inbox-told")) return;
  place.insertAdjacentHTML("afterbegin", html);
  for (const told of place.querySelectorAll(".inbox-told")) told.removeAttribute("role"); // it was read aloud already
  window.htmx?.process(place);
}

/** The field that has the focus, with its cursor. */
const whereIn = (field) => (field?.id ? { id: field.id, start: field.selectionStart, end: field.selectionEnd } : null);

function focusAgain(kept) {
  const field = kept && document.getElementById(kept.id);
  if (!field) return false;
  field.focus({ preventScroll: true });
  if (kept.start != null && field.setSelectionRange) field.setSelectionRange(kept.start, kept.end);
  return true;
}

function typedIn(row) {
  const form = row.querySelector(".inbox-place");
  if (!form) return null;
  const fields = [...form.elements].filter((field) => field.matches("input:not([type=hidden]), select"));
  const changed = fields.some((field) => field.value !== (field.dataset.was ?? field.defaultValue));
  return changed || form.querySelector(".inbox-facts") ? { id: row.id, values: Object.fromEntries(fields.map((field) => [field.name, field.value])) } : null;
}

// --- Ticks ------------------------------------------------------------------------------------------------------------

function countTicks() {
  const said = document.querySelector("[data-inbox-ticked]");
  if (said) said.textContent = text("inbox_ticked", { n: rowsOf().querySelectorAll("[data-pick]:checked").length });
}

document.addEventListener("change", (event) => event.target.matches("[data-pick]") && countTicks());

onEach("[data-inbox-tick-all]", (button) => {
  button.addEventListener("click", () => {
    const boxes = [...button.closest("details").querySelectorAll("[data-pick]")];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
    countTicks();
  });
});

// --- More of a row ----------------------------------------------------------------------------------------------------

/** Role and technique of one file: two long lists, made only where somebody wants them. */
function showFacts(form) {
  if (form.querySelector(".inbox-facts")) return;
  form.querySelector("[data-inbox-change]").hidden = true;
  const facts = document.getElementById("inbox-facts").content.cloneNode(true);
  const row = form.closest("[data-row]").id;
  for (const select of facts.querySelectorAll("select")) {
    const was = form.dataset[select.name] || "";
    facts.querySelector(`label[for="${select.id}"]`)?.setAttribute("for", `${row}-${select.name}`);
    select.id = `${row}-${select.name}`;
    select.className = "form-select form-select-sm w-auto";
    select.value = was;
    select.dataset.was = was;
    const before = Object.assign(document.createElement("input"), { type: "hidden", name: `was-${select.name}`, value: was });
    form.append(before);
  }
  form.append(facts);
}

onEach("[data-inbox-change]", (button) => {
  button.addEventListener("click", () => {
    showFacts(button.form);
    button.form.querySelector(".inbox-facts select").focus();
  });
});

// --- Keys -------------------------------------------------------------------------------------------------------------

const step = (by) => {
  const rows = [...rowsOf().querySelectorAll("details[open] [data-row]")];
  const at = rows.indexOf(document.activeElement?.closest?.("[data-row]"));
  rows[Math.max(0, Math.min(at + by, rows.length - 1))]?.focus();
};
const press = (row, selector) => row.querySelector(selector)?.click();
const KEYS = {
  j: () => step(1),
  ArrowDown: () => step(1),
  k: () => step(-1),
  ArrowUp: () => step(-1),
  " ": (row) => press(row, "[data-pick]"),
  Enter: (row) => press(row, "[data-inbox-accept]"),
  x: (row) => press(row, "[data-inbox-refuse]"),
  e: (row) => row.querySelector("[name=sample]")?.select(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !rowsOf()) return;
  const here = event.target;
  if (here.closest("input, select, textarea, button, a, summary, [contenteditable]")) {
    if (event.key === "Escape") here.closest("[data-row]")?.focus(); // from a field back to its row
    return;
  }
  const row = here.closest("[data-row]");
  if (event.key === "u") return void document.querySelector("[data-inbox-undo]")?.click();
  const does = KEYS[event.key];
  if (!does || (!row && !["j", "k"].includes(event.key))) return; // the arrows scroll the page until a file is chosen
  event.preventDefault();
  does(row);
});
