
"use strict";
// Rows shown of a long table until all are asked for: the others need no layout.
const MOST = 300;
const collator = new Intl.Collator("en", { numeric: true });

function enliven(table) {
  const body = table.tBodies[0];
  const heads = Array.from(table.tHead.rows[0].cells);
  const find = document.getElementById(table.id + "-find");
  const words = new Map();
  let rows = Array.from(body.rows);
  let wanted = "";
  let limit = find ? MOST : Infinity;

  function matches(row) {
    if (!wanted) return true;
    if (!words.has(row)) words.set(row, row.textContent.toLowerCase());
    return words.get(row).includes(wanted);
  }

  function show() {
    let found = 0;
    for (const row of rows) {
      const match = matches(row);
      found += match;
      row.hidden = !match || found > limit;
      row.classList.remove("late");
    }
    if (!find) return;
    const part = found > limit ? `the first ${limit} of ${found}` : `${found} of ${rows.length}`;
    find.querySelector("[role=status]").textContent = part;
    find.querySelector("button").hidden = found <= limit;
  }

  function sort(column) {
    const head = heads[column];
    const numbers = head.classList.contains("n");
    const up = head.ariaSort ? head.ariaSort === "descending" : !numbers;
    for (const other of heads) other.ariaSort = null;
    head.ariaSort = up ? "ascending" : "descending";
    const sign = up ? 1 : -1;
    const keyed = rows.map((row) => {
      const text = row.cells[column].textContent;
      return { row, key: numbers ? parseFloat(text.replaceAll(",", "")) : text };
    });
    keyed.sort((a, b) => {
      if (!numbers) return sign * collator.compare(a.key, b.key);
      // What is not known stands last, whichever way.
      if (Number.isNaN(a.key) || Number.isNaN(b.key)) return Number.isNaN(a.key) - Number.isNaN(b.key);
      return sign * (a.key - b.key);
    });
    rows = keyed.map((item) => item.row);
    body.append(...rows);
    show();
  }

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(column));
    head.append(button);
  });
  if (find) {
    find.hidden = false;
    find.querySelector("input").addEventListener("input", (event) => {
      wanted = event.target.value.toLowerCase();
      show();
    });
    find.querySelector("button").addEventListener("click", () => {
      limit = Infinity;
      show();
    });
  }
  show();
}

function reveal() {
  // A link to a row that is not shown, or that a search has hidden.
  const row = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("tr");
  if (!row || !row.hidden) return;
  row.hidden = false;
  row.scrollIntoView();
}

document.querySelectorAll("table.sortable").forEach(enliven);
addEventListener("hashchange", reveal);
reveal();
