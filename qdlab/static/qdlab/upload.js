// The drop zone: files and whole folders, one file per request, a few at a time; each file is followed from sent to analysed.
//
// <section data-upload data-upload-url="/api/v1/uploads/" data-project="…" data-sample="…" data-batch="…">
//      data-page-url="/files/{id}/"   where a file's name leads
//      data-batch-url="/batches/{id}/"   where the sample of a file that was there already leads
//   <div class="drop" data-drop> <input type="file" multiple> …  <p data-upload-overall>  <div data-upload-list>
//
// The server answers {"uploads": [{"id", "name", "new", "sample_code", "status", …}]}. Where files stand is then asked for many
// at once at …/uploads/progress/?ids=…, until each was read and its analyses have ended.
//
// A network that goes away loses nothing: what was not stored waits and is sent again, later and later, for as long as the
// page stands open. The browser warns who closes it before everything is stored, and not afterwards.

import { ofDrop, ofInput } from "qdlab/gather";
import { csrfToken, make, onEach, text } from "qdlab/page";
import { listIn, textAround } from "qdlab/upload-list";

const AT_ONCE = 4;
const WAIT_S = [1, 2, 4, 8, 15, 30]; // before it is tried again
const PASSING = new Set([0, 408, 429, 502, 503, 504]); // passes by itself: tried again without being asked
const BY_HAND = new Set([500, 507]); // somebody must do something first
const POLL_MS = [400, 400, 800, 1500, 2500];
const IDS_AT_ONCE = 50; // an address line has its limits
const LATELY_MS = 3_600_000;

function start(zone) {
  const drop = zone.querySelector("[data-drop]");
  const list = listIn(zone.querySelector("[data-upload-list]"));
  const say = progressOf(zone, list);
  const queue = queueOf(zone, list, say);

  const add = ({ files, litter, empty }) => {
    list.setAside({ litter, empty });
    queue.add(files);
  };
  for (const input of zone.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      add(ofInput(input));
      input.value = "";
    });
  }
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
    ofDrop(event.dataTransfer).then(add);
  });
  window.addEventListener("beforeunload", (event) => {
    if (queue.busy()) event.preventDefault(); // the browser asks before files in transit are lost
  });
  window.addEventListener("online", queue.resume);
}

// --- How far everything is --------------------------------------------------------------------------------------------

function progressOf(zone, list) {
  const overall = zone.querySelector("[data-upload-overall]");
  const bar = zone.querySelector("[data-upload-bar]");
  const aloud = zone.querySelector("[data-upload-aloud]");
  const again = zone.querySelector("[data-upload-retry]");
  let told = "";

  return (trouble = "") => {
    const rows = list.rows;
    const stored = rows.filter((row) => row.stored).length;
    const open = list.count("sending");
    const parts = [text("upload_overall", { done: stored, all: rows.length })];
    for (const name of ["reading", "placed", "homeless", "unclear", "known", "unreadable", "failed"]) {
      if (list.count(name)) parts.push(`${list.count(name)} ${text(`upload_group_${name}`)}`);
    }
    const advice = open ? trouble || text("upload_stay") : list.count("failed") ? "" : text("upload_may_leave");
    overall.replaceChildren(make("strong", {}, parts.join(" · ")), " ", advice);
    const size = rows.reduce((sum, row) => sum + row.file.size, 0);
    bar.hidden = !open;
    bar.value = size ? rows.reduce((sum, row) => sum + (row.group === "sending" ? row.sentBytes : row.file.size), 0) / size : 0;
    again.hidden = !rows.some((row) => row.group === "failed" && row.retry);
    const news = trouble || (open ? "" : `${parts[0]}. ${advice}`); // read aloud: not each of 200 files, but how it ends
    if (news !== told) aloud.textContent = told = news;
  };
}

// --- Sending ----------------------------------------------------------------------------------------------------------

function queueOf(zone, list, say) {
  const waiting = [];
  const ids = new Map(); // upload id → the row that brought it
  let running = 0;
  let failures = 0; // in a row
  let timer = null;
  const tell = (kind) => zone.dispatchEvent(new CustomEvent(kind, { bubbles: true }));
  const followed = followerOf(zone, list, say, tell);

  const next = () => {
    while (!timer && running < AT_ONCE && waiting.length) {
      running += 1;
      const row = waiting.shift();
      send(zone, row, say).then((answer) => {
        running -= 1;
        if (PASSING.has(answer.status)) holdOn(row, answer);
        else settle(row, answer);
        next();
        const stored = list.rows.filter((one) => one.stored).length;
        if (stored === 1 || (!running && !waiting.length)) tell("qdlab:uploaded"); // the first wakes whoever shows files
      });
    }
  };
  const holdOn = (row, answer) => {
    row.tries += 1;
    row.sentBytes = 0;
    row.set("sending", "queued", text("upload_waiting"));
    waiting.unshift(row);
    failures += 1;
    const seconds = Math.max(WAIT_S[Math.min(failures, WAIT_S.length) - 1], answer.retryAfter || 0);
    const trouble = text(answer.status ? "upload_server_busy" : "upload_offline", { s: seconds });
    if (!timer) timer = setTimeout(resume, seconds * 1000);
    say(trouble);
  };
  const resume = () => {
    clearTimeout(timer);
    timer = null;
    next();
  };
  const settle = (row, answer) => {
    failures = 0;
    if (answer.status < 200 || answer.status >= 300) {
      refuse(row, sentenceOf(answer), BY_HAND.has(answer.status));
    } else {
      const first = ids.get(answer.body.uploads[0].id);
      ids.set(answer.body.uploads[0].id, first || row);
      store(zone, row, answer, first);
      followed();
    }
    say();
  };
  const refuse = (row, sentence, again) => {
    row.retry = again && (() => {
      row.retry = null;
      row.set("sending", "queued", text("upload_waiting"));
      waiting.push(row);
      resume();
    });
    const button = make("button", { type: "button", class: "btn btn-sm btn-quiet ms-2" }, text("retry"));
    button.addEventListener("click", () => row.retry());
    row.set("failed", "failed", text("upload_failed"), sentence, again ? button : "");
  };
  zone.querySelector("[data-upload-retry]").addEventListener("click", () => {
    for (const row of list.rows) if (row.group === "failed" && row.retry) row.retry();
  });

  return {
    resume,
    busy: () => running > 0 || waiting.length > 0,
    add(files) {
      const limit = Number(zone.dataset.maxBytes || 0);
      for (const one of files) {
        const row = list.add(one);
        if (one.unread) refuse(row, text("upload_unread"), false);
        else if (limit && row.file.size > limit) refuse(row, text("too_large"), false);
        else waiting.push(row);
      }
      if (files.length) say();
      next();
    },
  };
}

async function send(zone, row, say) {
  if (!(await isReadable(row.file))) return { status: -1, body: { detail: text("upload_unread") } };
  row.set("sending", "running", text("upload_sending"));
  row.bar.hidden = false;
  const answer = await post(zone, row, say);
  row.bar.hidden = true;
  return answer;
}

/** A file that was moved or deleted since looks like a lost network otherwise. */
async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function post(zone, row, say) {
  const body = new FormData();
  for (const name of ["project", "sample", "batch", "standard", "role", "technique"]) {
    if (zone.dataset[name]) body.append(name, zone.dataset[name]);
  }
  for (const field of zone.querySelectorAll("[data-upload-field]")) if (field.value) body.append(field.name, field.value);
  if (row.folder) body.append("folder", row.folder);
  body.append("file", row.file, row.file.name); // last: a server may decide about a file once it knows where it belongs
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", zone.dataset.uploadUrl);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      row.bar.value = event.loaded / event.total;
      row.sentBytes = row.bar.value * row.file.size;
      say();
    });
    request.addEventListener("loadend", () => {
      let answer = null;
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // a proxy's own error page is no JSON
      }
      const retryAfter = Number(request.getResponseHeader("Retry-After")) || 0;
      const now = Date.parse(request.getResponseHeader("Date")) || Date.now();
      resolve({ status: answer || request.status >= 400 ? request.status : 0, body: answer, retryAfter, now });
    });
    request.send(body);
  });
}

function sentenceOf({ status, body }) {
  if (body?.detail && status !== 401) return body.detail; // of tokens, which a page has none of
  const known = { 401: "signed_out", 403: "forbidden", 404: "gone", 413: "too_large", 507: "full" };
  return text(known[status] || "server_error");
}

// --- What the server made of it ---------------------------------------------------------------------------------------

function store(zone, row, { body, now }, first) {
  const upload = body.uploads[0];
  // The bytes arrived and only the answer was lost: then it is not "already there", it is the file that was sent.
  const ownRetry = row.tries > 0 && upload.name === row.file.name && now - Date.parse(upload.uploaded_at) < LATELY_MS;
  row.stored = true;
  row.id = upload.id;
  row.link(zone.dataset.pageUrl?.replace("{id}", upload.id));
  if (first) row.known = text("upload_twice", { name: first.file.name });
  else if (upload.new === false && !ownRetry) row.known = knownAs(zone, upload);
  show(row, upload);
}

function knownAs(zone, { name, sample_code: sample, batch, uploaded_by: by, uploaded_at: at }) {
  const values = { name, by, date: (at || "").slice(0, 10) };
  if (!sample) return text("upload_known", values);
  const page = batch && zone.dataset.batchUrl?.replace("{id}", batch);
  return textAround("upload_known_on", "sample", page ? make("a", { href: page }, sample) : sample, values);
}

function show(row, upload) {
  const reason = typeof upload.reason === "string" ? upload.reason : "";
  const group = row.known ? () => "known" : (name) => name;
  if (upload.status === "unreadable") {
    row.ended = true;
    return row.set(group("unreadable"), "unreadable", text("upload_unreadable"), reason);
  }
  if (upload.status === "kept") {
    row.ended = true;
    return row.set(group(homeOf(upload)), "read", text("upload_kept"), reason);
  }
  if (upload.status !== "read") {
    const known = upload.status === "reading" ? "reading" : "received";
    return row.set(group("reading"), known, text(`upload_${known}`));
  }
  const { n_analyses: all = 0, n_open: open = null, n_bad: bad = 0 } = upload;
  const place = upload.sample_code && !row.known ? text("upload_on", { sample: upload.sample_code }) : "";
  row.ended = open === 0;
  if (open !== 0) row.set(group("reading"), "running", open ? text("upload_analysing", { done: all - open, all }) : text("upload_read"), place);
  else if (upload.n_unclear) row.set(group(homeOf(upload)), "refused", text("upload_unclear"), place);
  else if (bad) row.set(group(homeOf(upload)), "refused", text("upload_analysed_partly", { n: bad }), place);
  else row.set(group(homeOf(upload)), all ? "done" : "read", text(all ? "upload_analysed" : "upload_read"), place);
}

const homeOf = (upload) => (upload.waits ? "homeless" : upload.n_unclear ? "unclear" : "placed");

/** Ask where the files stand, many at a time, until all have ended; a function that starts it unless it runs. */
function followerOf(zone, list, say, tell) {
  const address = new URL("progress/", new URL(zone.dataset.uploadUrl, location.href));
  let runs = false;

  const ask = async (rows) => {
    const url = new URL(address);
    url.searchParams.set("ids", rows.map((row) => row.id).join(","));
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      return answer.ok ? (await answer.json()).uploads : null;
    } catch {
      return null; // the network comes back or it does not; the file is safe either way
    }
  };
  const round = async () => {
    const open = list.rows.filter((row) => row.stored && !row.ended);
    let changed = false;
    for (let n = 0; n < open.length; n += IDS_AT_ONCE) {
      const part = open.slice(n, n + IDS_AT_ONCE);
      const found = await ask(part);
      if (!found) return true;
      const byId = new Map(found.map((upload) => [String(upload.id), upload]));
      for (const row of part) {
        const upload = byId.get(String(row.id));
        if (upload) show(row, upload);
        else row.ended = true; // taken out of use meanwhile
        changed ||= row.ended;
      }
    }
    say();
    if (changed) tell("qdlab:analysed");
    return list.rows.some((row) => row.stored && !row.ended);
  };
  return async () => {
    if (runs) return;
    runs = true;
    let goesOn = true;
    for (let n = 0; goesOn && zone.isConnected; n += 1) {
      await new Promise((wake) => setTimeout(wake, POLL_MS[Math.min(n, POLL_MS.length - 1)]));
      goesOn = await round();
    }
    runs = false;
  };
}

onEach("[data-upload]", start);
