// The list under a drop zone: one line per file, grouped by where it stands, so that 200 files do not flood the page.

import { make, text } from "qdlab/page";

const FEW = 8; // so many files are simply listed
const GROUPS = ["failed", "unreadable", "unclear", "sending", "reading", "homeless", "placed", "known"]; // what needs a hand stands on top
const OPEN_AT_ONCE = new Set(["failed", "unreadable", "unclear"]);

export function listIn(element) {
  const groups = new Map(GROUPS.map((name) => [name, groupIn(element, name)]));
  const aside = make("p", { class: "quiet small mb-0 mt-2", "data-upload-aside": "" });
  element.append(aside);
  const rows = [];
  const litter = [];
  const empty = [];
  const count = (...names) => names.reduce((sum, name) => sum + groups.get(name).list.childElementCount, 0);

  const place = (row) => {
    groups.get(row.group).list.append(row.element);
    for (const group of groups.values()) group.show(rows.length <= FEW);
  };

  return {
    rows,
    count,
    add(one) {
      const row = rowFor(one, place);
      rows.push(row);
      place(row);
      return row;
    },
    setAside(found) {
      litter.push(...found.litter);
      empty.push(...found.empty);
      const said = [];
      if (litter.length) said.push(text("upload_litter", { n: litter.length, names: someOf(litter) }));
      if (empty.length) said.push(text("upload_empty", { n: empty.length, names: someOf(empty) }));
      aside.textContent = said.join(" ");
    },
  };
}

const someOf = (names) => (names.length > 5 ? `${names.slice(0, 5).join(", ")} …` : names.join(", "));

function groupIn(element, name) {
  const number = make("span", { class: "count" });
  const summary = make("summary", {}, `${text(`upload_group_${name}`)} `, number);
  const list = make("ul", { class: "uploads" });
  const details = make("details", { class: "upload-group", "data-group": name }, summary, list);
  details.hidden = true;
  details.open = OPEN_AT_ONCE.has(name);
  let touched = false; // who opened or closed a group has decided
  summary.addEventListener("click", () => (touched = true));
  element.append(details);
  return {
    list,
    show(few) {
      details.hidden = list.childElementCount === 0;
      details.classList.toggle("few", few);
      if (few) details.open = true;
      else if (!touched) details.open = OPEN_AT_ONCE.has(name);
      number.textContent = list.childElementCount;
    },
  };
}

function rowFor({ file, folder = "", unread = false }, placed) {
  const name = make("span", { class: "name" }, file.name);
  const where = make("span", { class: "quiet small" }, folder ? ` ${folder}/` : "");
  const state = make("span", { class: "state queued" }, text("upload_waiting"));
  const bar = make("progress", { max: "1", value: "0", "aria-label": file.name });
  const says = make("div", { class: "says" });
  const element = make("li", {}, make("span", { class: "name" }, name, where), state, bar, says);
  bar.hidden = true;
  const row = { file, folder, unread, element, bar, group: "", sentBytes: 0, tries: 0, stored: false, ended: false, page: "", known: null };
  row.set = (group, kind, label, ...sentences) => {
    state.className = `state ${kind}`;
    state.textContent = label;
    const parts = [row.known, ...sentences].filter(Boolean); // that it was known stays said to the end
    says.replaceChildren(...parts.flatMap((part, n) => (n ? [" ", part] : [part])));
    if (group !== row.group) {
      row.group = group;
      placed(row);
    }
  };
  row.link = (address) => {
    if (address && !name.querySelector("a")) name.replaceChildren(make("a", { href: address }, file.name));
  };
  row.set("sending", "queued", text("upload_waiting"));
  return row;
}

/** The translated text of `key` as nodes, with a node in the place of `{place}`. */
export function textAround(key, place, node, values = {}) {
  const [before, after = ""] = text(key, { ...values, [place]: "\u0000" }).split("\u0000");
  return make("span", {}, before, node, after);
}
