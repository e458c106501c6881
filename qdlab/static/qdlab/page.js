// What every module needs: translated texts, the CSRF token, notices, and "run this on new parts of the page too".

const texts = JSON.parse(document.getElementById("qdlab-texts")?.textContent || "{}");

/** The translated text of `key`, with {places} filled in. */
export function text(key, values = {}) {
  return (texts[key] || key).replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place));
}

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content || "";
}

/** Call `start(element)` once for each element that matches, now and after every htmx swap. */
export function onEach(selector, start) {
  const seen = new WeakSet();
  const look = (root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.push(root);
    for (const element of found) {
      if (seen.has(element)) continue;
      seen.add(element);
      start(element);
    }
  };
  look(document);
  document.addEventListener("htmx:load", (event) => look(event.detail.elt));
}

/** Make an element: `make("button", { type: "button", class: "btn" }, "Retry")`. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Say something at the top of the page; screen readers hear it. */
export function notice(sentence, kind = "warning") {
  const list = document.getElementById("messages");
  const close = make("button", { type: "button", class: "btn-close", "aria-label": text("close") });
  const box = make("div", { class: `alert alert-${kind} alert-dismissible`, role: "status" }, sentence, close);
  close.addEventListener("click", () => box.remove());
  list?.append(box);
  return box;
}

export function save(name, content) {
  const url = URL.createObjectURL(content);
  const link = make("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
