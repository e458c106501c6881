// The recipe editor: rows that come and go, steps that know the ingredients, parameters that fit the step.

import { make, onEach } from "qdlab/page";

const nameOf = (row) => {
  const select = row.querySelector("select[name$='-substance']");
  return select?.value ? select.selectedOptions[0].textContent.replace(/ \(.*\)$/, "") : "";
};
const keyOf = (row) => row.querySelector("input[name$='-key']")?.value || "";

onEach("form[data-recipe-editor]", (form) => {
  const total = (kind) => form.elements[`${kind}-TOTAL_FORMS`];

  function addRow(kind) {
    const n = Number(total(kind).value);
    const markup = form.querySelector(`template[data-empty-row="${kind}"]`).innerHTML.replaceAll("__prefix__", String(n));
    const holder = make("div", {});
    holder.innerHTML = markup;
    const row = holder.firstElementChild;
    form.querySelector(`[data-rows="${kind}"]`).append(row);
    total(kind).value = String(n + 1);
    if (kind === "ingredients") giveKey(row, n);
    else startStep(row);
    refreshSteps();
    return row;
  }

  function giveKey(row, n) {
    const taken = new Set([...form.querySelectorAll("[data-rows='ingredients'] [data-row]")].map(keyOf));
    let i = n + 1;
    while (taken.has(`i${i}`)) i += 1;
    row.querySelector("input[name$='-key']").value = `i${i}`;
    row.querySelector("input[type=radio]").value = `i${i}`;
  }

  // --- Steps know the ingredients -----------------------------------------------------------------------------------

  const ingredients = () =>
    [...form.querySelectorAll("[data-rows='ingredients'] [data-row]")]
      .filter((row) => !row.hidden && keyOf(row) && nameOf(row))
      .map((row) => [keyOf(row), nameOf(row)]);

  function refreshSteps() {
    const known = ingredients();
    const mark = JSON.stringify(known);
    for (const box of form.querySelectorAll("[data-rows='steps'] [data-adds]")) {
      if (box.dataset.shows === mark) continue;
      box.dataset.shows = mark;
      const ticked = new Set([...box.querySelectorAll("input:checked")].map((input) => input.value));
      box.replaceChildren(...known.map(([key, name]) => tick(box.dataset.adds, key, name, ticked.has(key))));
      const into = box.closest("[data-step]").querySelector("select[name$='-into']");
      const chosen = into.value;
      into.replaceChildren(make("option", { value: "" }, "–"), ...known.map(([key, name]) => make("option", { value: key }, name)));
      into.value = known.some(([key]) => key === chosen) ? chosen : "";
    }
  }

  function tick(name, key, label, checked) {
    const input = make("input", { type: "checkbox", class: "form-check-input", name, value: key });
    input.checked = checked;
    return make("label", { class: "small" }, input, ` ${label}`);
  }

  // --- Parameters that fit the step ---------------------------------------------------------------------------------

  function startStep(row) {
    const kind = row.querySelector("select[name$='-kind']");
    const fit = () => {
      for (const place of row.querySelectorAll("[data-parameter]")) {
        const wanted = place.dataset.kinds.split(" ").includes(kind.value);
        place.hidden = !wanted && !place.querySelector("input").value;
      }
    };
    kind.addEventListener("change", fit);
    fit();
  }

  // --- Coming and going ---------------------------------------------------------------------------------------------

  form.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-row]");
    if (add) addRow(add.dataset.addRow).querySelector("select, input:not([type=hidden])").focus();
    const remove = event.target.closest("[data-remove-row]");
    if (remove) removeRow(remove.closest("[data-row]"));
  });

  /** An emptied row is no row for the server; hidden, it keeps the numbers of the others as they are. */
  function removeRow(row) {
    for (const field of row.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = false;
      else if (field.tagName !== "SELECT" || !field.name.endsWith("-role")) field.value = "";
    }
    row.hidden = true;
    refreshSteps();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  form.addEventListener("change", (event) => {
    if (event.target.name?.endsWith("-substance")) refreshSteps();
  });

  // A draft may hold more rows than the page, and ticks of ingredients that the page does not offer yet.
  form.addEventListener("qdlab:before-restore", (event) => {
    const names = Object.keys(event.detail);
    for (const kind of ["ingredients", "steps"]) {
      const wanted = names.map((name) => name.match(`^${kind}-(\\d+)-`)?.[1]).filter(Boolean).map(Number);
      while (Number(total(kind).value) <= Math.max(-1, ...wanted)) addRow(kind);
    }
    for (const select of form.querySelectorAll("select[name$='-substance']")) {
      const value = event.detail[select.name]?.[0];
      if (value !== undefined) select.value = value;
      if (value) select.closest("[data-row]").hidden = false;
    }
    refreshSteps();
  });

  for (const row of form.querySelectorAll("[data-rows='steps'] [data-row]")) startStep(row);
  refreshSteps();
  form.addEventListener("qdlab:before-restore", () => form.dispatchEvent(new Event("bench:rows")));
});
