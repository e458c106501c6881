// What was dropped or chosen, folders and all: files with the folder they lay in, and what is no measurement set aside.

// What operating systems and office programs leave between the files: nobody measured it.
const LITTER = /^(\.ds_store|thumbs\.db|desktop\.ini|ehthumbs\.db|\._.*|~\$.*|\.~lock\..*#|\.directory|\.localized|icon\r)$/i;
const LITTER_FOLDER = /(^|\/)(__MACOSX|\.git|\$RECYCLE\.BIN|System Volume Information)(\/|$)/i;

/** Files of an input; one that chooses folders tells where each lay. */
export function ofInput(input) {
  return sorted([...input.files].map((file) => ({ file, folder: folderOf(file.webkitRelativePath || "") })));
}

/** Files of a drop, nested folders opened. Must be called while the event is being handled: its items are gone afterwards. */
export function ofDrop(transfer) {
  const items = [...(transfer.items || [])].filter((item) => item.kind === "file");
  const found = items.map((item) => item.webkitGetAsEntry?.() || item.getAsFile()).filter(Boolean);
  if (!found.length) return Promise.resolve(sorted([...transfer.files].map((file) => ({ file, folder: "" }))));
  return Promise.all(found.map(opened)).then((each) => sorted(each.flat()));
}

/** Those to send, and the names of those set aside: litter and empty files. */
function sorted(found) {
  const files = [];
  const litter = [];
  const empty = [];
  for (const one of found) {
    const path = one.folder ? `${one.folder}/${one.file.name}` : one.file.name;
    if (LITTER.test(one.file.name) || LITTER_FOLDER.test(one.folder)) litter.push(path);
    else if (one.unread) files.push(one);
    else if (one.file.size === 0) empty.push(path);
    else files.push(one);
  }
  return { files, litter, empty };
}

const folderOf = (path) => path.split("/").slice(0, -1).join("/");

async function opened(entry) {
  if (entry instanceof File) return [{ file: entry, folder: "" }];
  if (entry.isDirectory) return (await Promise.all((await entriesOf(entry)).map(opened))).flat();
  const folder = folderOf(entry.fullPath.replace(/^\//, ""));
  return new Promise((resolve) => {
    // A file that vanished or may not be read still gets its line, which says so.
    const gone = () => resolve([{ file: new File([], entry.name), folder, unread: true }]);
    entry.file((file) => resolve([{ file, folder }]), gone);
  });
}

async function entriesOf(folder) {
  const reader = folder.createReader();
  const entries = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([]))); // at most 100 at a time
    if (!some.length) return entries;
    entries.push(...some);
  }
}
