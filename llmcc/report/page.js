
"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head, column));
  });
  const collator = new Intl.Collator("en", { numeric: true });
  function sort(head, column) {
    const numbers = head.classList.contains("n");
    const up = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "descending" : !numbers;
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const keyed = rows.map((row) => {
      const text = row.cells[column].textContent;
      return { row, key: numbers ? parseFloat(text.replace(/[,\s]/g, "").replace("−", "-")) : text };
    });
    const sign = up ? 1 : -1;
    keyed.sort((a, b) => {
      if (!numbers) return sign * collator.compare(a.key, b.key);
      // What is not known stands last, whichever way.
      if (Number.isNaN(a.key) || Number.isNaN(b.key)) return Number.isNaN(a.key) - Number.isNaN(b.key);
      return sign * (a.key - b.key);
    });
    body.append(...keyed.map((item) => item.row));
  }

  const find = document.getElementById(table.id + "-find");
  if (!find) continue;
  find.hidden = false;
  const input = find.querySelector("input");
  const status = find.querySelector("[role=status]");
  let words = null;
  input.addEventListener("input", () => {
    words ??= rows.map((row) => row.textContent.toLowerCase());
    const wanted = input.value.toLowerCase();
    let left = 0;
    rows.forEach((row, at) => {
      row.hidden = !words[at].includes(wanted);
      left += !row.hidden;
    });
    status.textContent = `${left} of ${rows.length}`;
  });
}
