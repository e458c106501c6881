// The live sums of a recipe or a weigh-out sheet: the server works out what follows from what is typed so far.
//
// <form data-work-out="/recipes/work-out/"> holds rows <… data-row="ingredients-0"> with <output data-derived="mass">.
// What was typed is never touched: answers only go into outputs, notes and the ratio.

import { csrfToken, make, onEach } from "qdlab/page";

const PAUSE_MS = 150;

function fill(output, text, typed) {
  output.textContent = text || "–";
  output.classList.toggle("typed", typed);
  output.classList.toggle("derived", !typed && Boolean(text));
}

function showRow(row, known) {
  for (const output of row.querySelectorAll("[data-derived]")) {
    const name = output.dataset.derived;
    fill(output, known?.[name], known?.typed === name);
  }
  list(row.querySelector("[data-row-notes]"), known?.notes || []);
}

function list(element, sentences) {
  element?.replaceChildren(...sentences.map((sentence) => make("li", {}, sentence)));
}

function tell(form, name, sentence) {
  const place = form.querySelector(`[data-problem-of="${CSS.escape(name)}"]`);
  const field = form.elements[name];
  place?.replaceChildren(...(sentence ? [make("div", {}, sentence)] : []));
  field?.classList?.toggle("is-invalid", Boolean(sentence));
  if (sentence) field?.setAttribute?.("aria-invalid", "true");
  else field?.removeAttribute?.("aria-invalid");
}

function show(form, answer) {
  for (const row of form.querySelectorAll("[data-row]")) {
    if (row.querySelector("[data-derived]")) showRow(row, answer.rows[row.dataset.row]);
  }
  for (const [name, sentence] of Object.entries(answer.problems)) tell(form, name, sentence);
  const line = form.querySelector("[data-ratio-line]");
  if (line) line.textContent = answer.ratio_line;
  const waiting = form.querySelector("[data-ratio-waiting]");
  if (waiting) waiting.hidden = Boolean(answer.ratio_line);
  const facts = answer.facts.map(([label, value]) => make("li", {}, make("span", { class: "quiet" }, label), ` ${value}`));
  form.querySelector("[data-facts]")?.replaceChildren(...facts);
  list(form.querySelector("[data-sheet-notes]"), answer.ratio_line ? [] : answer.notes);
}

onEach("form[data-work-out]", (form) => {
  let timer;
  let running;
  const ask = async () => {
    running?.abort();
    running = new AbortController();
    try {
      const response = await fetch(form.dataset.workOut, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-CSRFToken": csrfToken() },
        signal: running.signal,
      });
      if (response.ok) show(form, await response.json());
    } catch (problem) {
      // Away from the network the typed numbers stay; the sums follow with the next change.
      if (problem.name !== "AbortError") form.dataset.offline = "1";
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("bench:rows", later);
  // A sentence goes as soon as its field is typed into; the next answer brings it back if it still holds.
  form.addEventListener("input", (event) => event.target.name && tell(form, event.target.name, ""));
  ask();
});
