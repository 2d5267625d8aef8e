"use strict";

const $ = (id) => document.getElementById(id);

/** An element with attributes and children; text is always text. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

// Tables, sorted by a click on a heading. What a cell is sorted by is its data-value, or what it says.
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function sortBy(table, heading) {
  const column = Number(heading.dataset.column ?? heading.cellIndex);
  const numeric = heading.dataset.sort === "number";
  const now = heading.getAttribute("aria-sort");
  const descending = now ? now === "ascending" : numeric && !table.classList.contains("map");
  for (const other of table.tHead.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const said = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
  const key = numeric ? (row) => { const n = parseFloat(said(row)); return Number.isNaN(n) ? -1 : n; } : said;
  const compare = numeric ? (a, b) => a - b : collator.compare;
  const rows = Array.from(table.tBodies[0].rows, (row) => [key(row), row]);
  rows.sort(([a], [b]) => (descending ? compare(b, a) : compare(a, b)));
  table.tBodies[0].append(...rows.map(([, row]) => row));
}

for (const table of document.querySelectorAll("table.sortable")) {
  table.tHead.addEventListener("click", (event) => {
    const heading = event.target.closest("button")?.closest("[data-sort]");
    if (heading) sortBy(table, heading);
  });
}

// Students, searched and chosen.
const map = document.querySelector("table.map");
map.style.setProperty("--most", Math.max(...Array.from(map.tHead.querySelectorAll(".group"), (each) => each.colSpan - 1)));
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const searched = Array.from(map.tBodies[0].rows, (row) => [
  row, folded(row.cells[0].textContent), row.dataset.which.split(" "), row.dataset.group ?? ""]);
const groups = $("group");

function choose() {
  const wanted = folded($("search").value.trim());
  const which = $("which").value;
  const group = groups?.value ?? "";
  let found = 0;
  for (const [row, name, kinds, theirs] of searched) {
    const shown = name.includes(wanted) && (!which || kinds.includes(which)) && (!group || theirs === group);
    row.hidden = !shown;
    found += shown;
  }
  const all = searched.length;
  $("found").textContent = found === all ? `${all} student${all === 1 ? "" : "s"}` : `${found} of ${all} students`;
}
$("search").addEventListener("input", choose);
$("which").addEventListener("change", choose);
groups?.addEventListener("change", choose);
if ($("search").value || $("which").value || groups?.value) choose();  // what the browser has kept over a reload

// What a square of the map means, when the pointer rests on it.
map.tBodies[0].addEventListener("mouseover", (event) => {
  const cell = event.target.closest("td");
  if (!cell || cell.title) return;
  const heading = map.tHead.querySelector(`[data-column="${cell.cellIndex}"]`);
  cell.title = `${cell.parentElement.cells[0].textContent}, ${heading.textContent}: ${cell.textContent}`;
});

// A student's detail, made when it is asked for.
const dialog = $("detail");
let data = null;
let current = null;

const points = (number) => String(Math.round(number * 100) / 100);
const state = (earned, possible) => (earned >= possible ? "f" : earned > 0 ? "p" : "n");
const outcome = (word) => make("span", { class: "outcome", "data-outcome": word }, word);

function checkItem([title, word, worth, message, hint, devices]) {
  const { texts } = data;
  return make("li", {},
    outcome(texts[word]),
    make("span", {}, texts[title]),
    make("span", { class: "muted worth" }, `${texts[word] === "passed" ? points(worth) : 0} of ${points(worth)}`),
    texts[message] ? make("p", { class: "said" }, texts[message]) : null,
    texts[hint] ? make("p", { class: "hint" }, texts[hint]) : null,
    devices.length
      ? make("p", { class: "devices" }, ...devices.map(([name, came]) => make("span", {}, make("bdi", {}, name), outcome(came))))
      : null);
}

/** A fold with a heading and the points; open where points were lost. */
function fold(kind, heading, earned, possible, ...inside) {
  const score = make("span", { class: `points ${state(earned, possible)}` }, `${points(earned)} of ${points(possible)}`);
  const item = make("details", { class: kind }, make("summary", {}, ...heading, score), ...inside);
  item.open = earned < possible;
  return item;
}

/** What the student wrote, one click away. */
function codeItem(text) {
  const lines = make("pre", { class: "code", tabindex: "0" }, make("code", {}, make("bdi", {}, text)));
  return make("details", { class: "written" }, make("summary", {}, "What they wrote"), lines);
}

function exerciseItem([name, number, code]) {
  const [earned, possible, checks, notes] = data.results[number];
  const said = notes.map((note) => make("p", { class: "note" }, data.texts[note]));
  const heading = make("h4", {}, make("code", {}, data.texts[name]));
  const written = data.texts[code] ? [codeItem(data.texts[code])] : [];
  const list = make("ul", { class: "checks" }, ...checks.map(checkItem));
  return fold("exercise", [heading], earned, possible, ...said, list, ...written);
}

function notebookItem(notebook) {
  const heading = [make("h3", {}, notebook.name)];
  if (notebook.status !== "graded") heading.push(outcome(notebook.status));
  const said = [notebook.reason, ...notebook.notes].filter(Boolean).map((text) => make("p", { class: "note" }, text));
  const exercises = notebook.exercises.map(exerciseItem);
  const item = fold("notebook", heading, notebook.earned, notebook.possible, ...said, ...exercises);
  item.open ||= said.length > 0;
  return item;
}

function show(number) {
  data ??= JSON.parse($("details").textContent);
  const student = data.students[number];
  if (!student) return;
  const sum = (what) => points(student.notebooks.reduce((total, notebook) => total + notebook[what], 0));
  current = number;
  $("detail-body").replaceChildren(
    make("h2", { id: "detail-name", tabindex: "-1" }, make("bdi", {}, student.name)),
    make("p", { class: "muted" }, `${sum("earned")} of ${sum("possible")} points`),
    student.page ? make("p", {}, make("a", { href: student.page }, "The page that the student sees")) : "",
    ...student.notebooks.map(notebookItem));
  $("previous").disabled = !neighbour(-1);
  $("next").disabled = !neighbour(1);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  $("detail-name").focus();
  history.replaceState(null, "", `#student-${number}`);
}

/** The row before (-1) or after (1) the current student's, among those shown, in the order shown. */
function neighbour(step) {
  let row = $(`student-${current}`);
  do row = step > 0 ? row.nextElementSibling : row.previousElementSibling; while (row?.hidden);
  return row;
}

function move(step) {
  const row = neighbour(step);
  if (row) show(Number(row.id.slice("student-".length)));
}

const asked = (hash) => /^#student-(\d+)$/.exec(hash)?.[1];

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const number = link && asked(link.getAttribute("href"));
  if (number === null || number === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(Number(number));
});
$("previous").addEventListener("click", () => move(-1));
$("next").addEventListener("click", () => move(1));
$("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") move(-1);
  if (event.key === "ArrowRight") move(1);
});
dialog.addEventListener("close", () => history.replaceState(null, "", location.pathname + location.search));
addEventListener("hashchange", () => { if (asked(location.hash)) show(Number(asked(location.hash))); });
if (asked(location.hash)) show(Number(asked(location.hash)));
