// The drop zone: one file per request, three at a time; each file says where it stands, from sent to analysed.
//
// <div data-upload data-upload-url="/api/v1/uploads/" data-project="…" data-sample="…" data-batch="…">
//      data-page-url="/uploads/{id}/"   where a file's name leads
//   <div class="drop" data-drop> <label> <input type="file" multiple> </div>  <ul class="uploads" data-upload-list>
// The server answers {"uploads": [{"id", "name", "new", "sample_code", "status", "url"}]}. What stands behind "url" is asked
// until "status" is read or unreadable; then its analyses (data-analyses-url, else ../analyses/) until none is queued or running.

import { csrfToken, make, onEach, text } from "qdlab/page";

const AT_ONCE = 3;
const POLL_MS = [400, 400, 800, 800, 1500, 2500];

function start(zone) {
  const list = zone.querySelector("[data-upload-list]");
  const input = zone.querySelector("input[type=file]");
  const drop = zone.querySelector("[data-drop]");
  const overall = zone.querySelector("[data-upload-overall]");
  const waiting = [];
  let running = 0;
  let finished = 0;
  let all = 0;

  const tell = () => {
    if (overall) overall.textContent = all ? text("upload_overall", { done: finished, all }) : "";
  };
  const next = () => {
    while (running < AT_ONCE && waiting.length) {
      running += 1;
      const row = waiting.shift();
      send(zone, row).then((ended) => {
        running -= 1;
        if (ended) finished += 1;
        tell();
        next();
        if (!running && !waiting.length) zone.dispatchEvent(new CustomEvent("qdlab:uploaded", { bubbles: true }));
      });
    }
  };
  const add = (files) => {
    for (const file of files) {
      const row = rowFor(file, () => {
        waiting.push(row);
        next();
      });
      row.page = zone.dataset.pageUrl;
      list.append(row.element);
      waiting.push(row);
      all += 1;
    }
    tell();
    next();
  };

  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", (event) => drop.contains(event.relatedTarget) || drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    add([...event.dataTransfer.files]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (running || waiting.length) event.preventDefault(); // the browser asks before files in transit are lost
  });
}

function rowFor(file, again) {
  const name = make("span", { class: "name" }, file.name);
  const state = make("span", { class: "state queued", role: "status" }, text("upload_waiting"));
  const bar = make("progress", { max: "1", value: "0", "aria-label": file.name });
  const says = make("div", { class: "says" });
  const element = make("li", {}, name, state, bar, says);
  const row = { file, element, name, state, bar, says, known: "" };
  row.set = (kind, label, sentence = "") => {
    state.className = `state ${kind}`;
    state.textContent = label;
    says.replaceChildren([row.known, sentence].filter(Boolean).join(" ")); // that it was known stays said to the end
  };
  row.offerRetry = (sentence) => {
    row.set("failed", text("upload_failed"), sentence);
    const retry = make("button", { type: "button", class: "btn btn-sm btn-quiet ms-2" }, text("retry"));
    retry.addEventListener("click", () => {
      row.set("queued", text("upload_waiting"));
      again();
    });
    says.append(retry);
  };
  return row;
}

async function send(zone, row) {
  const limit = Number(zone.dataset.maxBytes || 0);
  if (limit && row.file.size > limit) {
    row.bar.hidden = true;
    row.set("failed", text("upload_failed"), text("too_large"));
    return true;
  }
  row.bar.hidden = false;
  row.set("running", text("upload_sending"));
  const answer = await post(zone, row);
  row.bar.hidden = true;
  if (answer.status === 0) return row.offerRetry(text("offline")), false;
  if (answer.status < 200 || answer.status >= 300) {
    const sentence = sentenceOf(answer);
    if ([408, 429, 500, 502, 503, 504, 507].includes(answer.status)) return row.offerRetry(sentence), false;
    row.set("failed", text("upload_failed"), sentence);
    return true;
  }
  const upload = answer.body.uploads[0];
  if (upload.new === false) {
    const where = upload.sample_code ? "upload_known_on" : "upload_known";
    row.known = text(where, { name: upload.name, sample: upload.sample_code });
  }
  showUpload(row, upload);
  follow(zone, row, upload);
  return true;
}

function post(zone, row) {
  const body = new FormData();
  for (const name of ["project", "sample", "batch", "standard", "role", "technique"]) {
    if (zone.dataset[name]) body.append(name, zone.dataset[name]);
  }
  for (const field of zone.querySelectorAll("[data-upload-field]")) if (field.value) body.append(field.name, field.value);
  body.append("file", row.file, row.file.name); // last: a server may decide about a file once it knows where it belongs
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", zone.dataset.uploadUrl);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) row.bar.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => {
      let answer = null;
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // a proxy's own error page is no JSON
      }
      resolve({ status: answer || request.status >= 400 ? request.status : 0, body: answer });
    });
    request.send(body);
  });
}

function sentenceOf({ status, body }) {
  if (body?.detail) return body.detail;
  const known = { 401: "signed_out", 403: "forbidden", 404: "gone", 413: "too_large", 429: "too_many", 503: "busy", 507: "full" };
  return text(known[status] || "server_error");
}

function showUpload(row, upload) {
  const known = ["received", "reading", "read", "unreadable"].includes(upload.status) ? upload.status : "received";
  row.set(known, text(`upload_${known}`), reasonOf(upload));
  const page = upload.id && row.page?.replace("{id}", upload.id);
  if (page && !row.name.querySelector("a")) row.name.replaceChildren(make("a", { href: page }, row.file.name));
}

const reasonOf = (upload) => (typeof upload.reason === "string" ? upload.reason : upload.reason?.detail || upload.reason?.text || "");

async function follow(zone, row, upload) {
  const address = zone.dataset.statusUrl ? zone.dataset.statusUrl.replace("{id}", upload.id) : upload.url;
  if (!address) return;
  const analyses = new URL(zone.dataset.analysesUrl || "../analyses/", new URL(zone.dataset.uploadUrl, location.href));
  analyses.searchParams.set("upload", upload.id);
  let now = upload;
  for (let n = 0; n < 400 && row.element.isConnected; n += 1) {
    await new Promise((wake) => setTimeout(wake, POLL_MS[Math.min(n, POLL_MS.length - 1)]));
    if (now.status !== "read") {
      now = (await ask(address)) || now; // the network comes back or it does not; the file is safe either way
      showUpload(row, now);
      if (now.status === "unreadable") return;
    } else {
      const found = await ask(analyses);
      if (found && !showAnalyses(row, found.results)) return;
    }
  }
}

async function ask(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Show where the analyses stand; true while some have not ended. */
function showAnalyses(row, analyses) {
  if (!Array.isArray(analyses) || analyses.length === 0) return false;
  const open = analyses.filter(({ state }) => state === "queued" || state === "running").length;
  const bad = analyses.filter(({ state }) => state === "failed" || state === "refused").length;
  if (open) row.set("running", text("upload_analysing", { done: analyses.length - open, all: analyses.length }));
  else if (bad) row.set("refused", text("upload_analysed_partly", { n: bad }));
  else row.set("done", text("upload_analysed"));
  if (!open) row.element.dispatchEvent(new CustomEvent("qdlab:analysed", { bubbles: true }));
  return open > 0;
}

onEach("[data-upload]", start);
