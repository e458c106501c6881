// The inbox under the hand: what was ticked, typed or opened outlives a refresh, and files are placed by keyboard.
//
// #inbox-rows is swapped as a whole (htmx). Inside: details[data-group], li[data-row] with input[data-pick] and a form with
// [data-inbox-accept], [data-inbox-refuse], [data-inbox-change]; <template id="inbox-facts"> has the further fields.

import { onEach, text } from "qdlab/page";

const rowsOf = () => document.getElementById("inbox-rows");
const concerns = (event) => event.detail.target?.id === "inbox-rows";
const putAway = new Set(); // groups that somebody closed; the others open by themselves when a new file comes into them
let kept = null;

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
  event.detail.parameters.since = rowsOf().closest("[data-inbox-since]").dataset.inboxSince;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const typing = document.activeElement?.closest?.("#inbox-rows input:not([type=checkbox]), #inbox-rows select");
  if (concerns(event) && event.detail.elt.id === "inbox-rows" && typing) event.preventDefault(); // not under the hand
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!concerns(event)) return;
  const row = document.activeElement?.closest?.("[data-row]");
  const rows = [...rowsOf().querySelectorAll("[data-row]")];
  kept = {
    ticked: new Set([...rowsOf().querySelectorAll("[data-pick]:checked")].map((box) => box.value)),
    typed: [...rowsOf().querySelectorAll("[data-row]")].map(typedIn).filter(Boolean),
    row: row?.id,
    place: rows.indexOf(row),
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
  if (kept.place >= 0) {
    const rows = [...rowsOf().querySelectorAll("[data-row]")];
    // What stood there may have found its place: then the next one is at hand.
    (document.getElementById(kept.row) || rows[Math.min(kept.place, rows.length - 1)])?.focus({ preventScroll: true });
  }
  kept = null;
  countTicks();
});

function typedIn(row) {
  const form = row.querySelector(".inbox-place");
  if (!form) return null;
  const fields = [...form.elements].filter((field) => field.matches("input:not([type=hidden]), select"));
  const changed = fields.some((field) => field.value !== (field.dataset.was ?? field.defaultValue));
  return changed ? { id: row.id, values: Object.fromEntries(fields.map((field) => [field.name, field.value])) } : null;
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
    button.hidden = true;
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
