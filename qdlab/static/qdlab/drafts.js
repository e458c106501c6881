// What was typed survives a closed tab: forms with data-draft-key keep a draft in localStorage until it is saved.
//
// <form data-draft-key="batch:UUID" data-draft-version="7">   the version of the record that the form shows
// A draft comes back by itself when the form still shows what it showed when the typing began (another form of the same
// record may have been saved since); where those values changed meanwhile, its owner decides.
// A draft is dropped when the next page shows the same values, when the form is gone after it was sent, when the answer
// carries data-draft-saved="key", or when its owner discards it. Passwords and files are never kept.

import { make, onEach, text } from "qdlab/page";

const PREFIX = "draft:";
const SENT = "draft-sent";

const storage = {
  get(key) {
    try {
      return JSON.parse(localStorage.getItem(PREFIX + key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(PREFIX + key, JSON.stringify(value));
    } catch {
      // A full or forbidden storage must not stop anybody from typing.
    }
  },
  drop(key) {
    localStorage.removeItem(PREFIX + key);
  },
};

function fieldsOf(form) {
  return [...form.elements].filter(
    (field) => field.name && !["password", "file", "hidden", "submit", "button"].includes(field.type) && !field.disabled,
  );
}

function valuesOf(form) {
  const values = {};
  for (const field of fieldsOf(form)) {
    const tick = field.type === "checkbox" || field.type === "radio";
    if (tick && !field.checked && field.type === "radio") continue;
    const value = tick ? (field.type === "radio" ? field.value : field.checked) : readValue(field);
    (values[field.name] ||= []).push(value);
  }
  return values;
}

const readValue = (field) => (field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value);

function restore(form, values) {
  form.dispatchEvent(new CustomEvent("qdlab:before-restore", { bubbles: true, detail: values })); // time to add rows
  const used = {};
  for (const field of fieldsOf(form)) {
    const kept = values[field.name];
    if (!kept) continue;
    if (field.type === "radio") {
      field.checked = kept.includes(field.value);
      continue;
    }
    const value = kept[(used[field.name] = (used[field.name] ?? -1) + 1)];
    if (value === undefined) continue;
    if (field.type === "checkbox") field.checked = value;
    else if (field.multiple) for (const option of field.options) option.selected = value.includes(option.value);
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function show(form, key, draft, asRendered) {
  const [day, at] = new Date(draft.at).toLocaleString("sv").split(" "); // Swedish dates are ISO dates
  const today = new Date().toLocaleString("sv").startsWith(day);
  const when = today ? at.slice(0, 5) : `${day} ${at.slice(0, 5)}`;
  const outdated = draft.version !== (form.dataset.draftVersion || "") && !same(draft.base, asRendered);
  const button = make("button", { type: "button", class: "btn btn-sm btn-quiet" });
  const label = make("span", {});
  const box = make("div", { class: "alert alert-warning d-flex flex-wrap gap-2 align-items-center", role: "status" }, label);
  const discard = () => {
    storage.drop(key);
    restore(form, asRendered);
    storage.drop(key);
    box.remove();
  };
  const bringBack = () => {
    restore(form, draft.values);
    label.textContent = text("draft_restored", { time: when });
    button.textContent = text("draft_discard");
    button.onclick = discard;
  };
  if (outdated) {
    // Somebody saved in between: the newer values stay until the author decides.
    label.textContent = text("draft_outdated", { time: when });
    button.textContent = text("draft_restore");
    button.onclick = bringBack;
    const drop = make("button", { type: "button", class: "btn btn-sm btn-quiet" }, text("draft_discard"));
    drop.onclick = discard;
    box.append(button, drop);
  } else {
    bringBack();
    box.append(button);
  }
  form.prepend(box);
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

onEach("form[data-draft-key]", (form) => {
  const key = form.dataset.draftKey;
  const asRendered = valuesOf(form);
  const draft = storage.get(key);
  const refused = form.querySelector('[aria-invalid="true"], .is-invalid') !== null || "draftRefused" in form.dataset;
  const sent = sessionStorage.getItem(SENT) === key;
  if (sent) sessionStorage.removeItem(SENT);
  if (draft && (same(draft.values, asRendered) || (sent && !refused))) storage.drop(key);
  else if (draft && !refused) show(form, key, draft, asRendered);

  const mark = form.querySelector("[data-unsaved]");
  const remember = () => {
    const values = valuesOf(form);
    const changed = !same(values, asRendered);
    if (mark) mark.hidden = !changed;
    if (changed) storage.set(key, { at: Date.now(), version: form.dataset.draftVersion || "", base: asRendered, values });
    else storage.drop(key);
  };
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(remember, 300);
  });
  window.addEventListener("pagehide", () => timer && sessionStorage.getItem(SENT) !== key && remember());
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    remember();
    timer = undefined;
    sessionStorage.setItem(SENT, key);
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target === form && event.detail.successful) storage.drop(key);
    sessionStorage.removeItem(SENT);
  });
});

onEach("[data-draft-saved]", (element) => storage.drop(element.dataset.draftSaved));

// The form was sent and the next page is another one that is no problem page: it was saved.
const sentBefore = sessionStorage.getItem(SENT);
if (sentBefore && !document.querySelector(`form[data-draft-key="${CSS.escape(sentBefore)}"]`)) {
  if (!document.querySelector("[data-problem]")) storage.drop(sentBefore);
  sessionStorage.removeItem(SENT);
}
