// Every page loads this one module; each part starts on what it finds.

import { notice, onEach, text } from "qdlab/page";
import "qdlab/choose";
import "qdlab/drafts";
import "qdlab/plot";
import "qdlab/table";
import "qdlab/upload";

const pressed = () => {
  for (const button of document.querySelectorAll("[data-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.theme === window.qdlabTheme.choice()));
  }
};

onEach("[data-theme]", (button) => {
  button.addEventListener("click", () => {
    window.qdlabTheme.choose(button.dataset.theme);
    pressed();
  });
});
pressed();

onEach("[data-copy]", (button) => {
  button.addEventListener("click", async () => {
    const source = document.querySelector(button.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    button.textContent = text("copied");
  });
});

onEach("select[data-submit], input[data-submit]", (field) => {
  field.addEventListener("change", () => field.form.requestSubmit());
});

// A wide table scrolls inside its frame; the keyboard must be able to do that, too.
onEach(".table-responsive", (frame) => {
  if (!frame.hasAttribute("tabindex")) frame.tabIndex = 0;
});

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  const known = { 403: "forbidden", 404: "gone", 413: "too_large", 429: "too_many", 503: "busy", 507: "full" };
  if (status === 401) window.location.reload();
  notice(text(known[status] || "server_error"), "danger");
});
document.addEventListener("htmx:sendError", () => notice(text("offline"), "danger"));
