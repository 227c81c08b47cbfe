// What a reader with another device or eye needs of the page; the value is a list of sentences, empty when all is well.
(() => {
  const wrong = [];
  const say = (words, element) => wrong.push(`${words}: ${element.outerHTML.slice(0, 120)}`);
  const all = (selector) => Array.from(document.querySelectorAll(selector));

  // The page and its parts.
  if (document.documentElement.lang !== "en") wrong.push("the page does not say its language");
  if (!document.title.trim()) wrong.push("the page has no title");
  if (!document.querySelector("meta[name=viewport][content*='width=device-width']")) wrong.push("no viewport");
  for (const landmark of ["header", "nav", "main", "footer", "h1"]) {
    if (all(landmark).length !== 1) wrong.push(`not one ${landmark}`);
  }
  let level = 0;
  for (const head of all("h1, h2, h3, h4, h5, h6")) {
    const own = Number(head.tagName[1]);
    if (own > level + 1 || !head.textContent.trim()) say("a heading out of order", head);
    level = own;
  }
  for (const element of all("body > *:not(script)")) {
    if (!element.matches("header, nav, main, footer, a.skip")) say("outside every landmark", element);
  }
  for (const section of all("section")) {
    if (!document.getElementById(section.getAttribute("aria-labelledby"))) say("a section without a name", section);
  }
  const ids = all("[id]").map((element) => element.id);
  if (new Set(ids).size !== ids.length) wrong.push("two elements have one id");
  for (const link of all("a[href]")) {
    if (!document.getElementById(link.getAttribute("href").slice(1))) say("a link to nowhere", link);
    if (!link.textContent.trim()) say("a link without words", link);
  }

  // Tables, pictures, controls.
  for (const table of all("table")) {
    if (!table.caption?.textContent.trim()) say("a table without a caption", table);
    const columns = table.tHead.rows[0].cells.length;
    for (const head of table.tHead.rows[0].cells) {
      if (head.scope !== "col" || !head.textContent.trim()) say("a column's head", head);
    }
    for (const row of table.tBodies[0].rows) {
      if (row.cells[0].tagName !== "TH" || row.cells[0].scope !== "row") say("a row without a head", row);
      if (row.cells.length !== columns) say("a row of another length", row);
    }
  }
  for (const picture of all("svg")) {
    const named = picture.getAttribute("role") === "img" && picture.getAttribute("aria-label");
    if (!named && picture.getAttribute("aria-hidden") !== "true") say("a picture without words", picture);
  }
  for (const input of all("input")) if (!input.labels.length) say("an input without a label", input);
  for (const button of all("button")) if (!button.textContent.trim()) say("a button without words", button);
  for (const region of all("[role=region]")) {
    if (!region.getAttribute("aria-label") || region.tabIndex !== 0) say("a region without name or keyboard", region);
  }

  const regions = all("[role=region]").map((region) => region.getAttribute("aria-label"));
  if (new Set(regions).size !== regions.length) wrong.push("two regions have one name");

  // Everything that the keyboard reaches shows where it is.
  for (const element of all("a[href], button, input, summary, [tabindex='0']").slice(0, 400)) {
    if (!element.checkVisibility()) continue;
    element.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== element) say("cannot be focused", element);
    const style = getComputedStyle(element);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) say("focus is not seen", element);
  }
  document.activeElement.blur();

  // Contrast of all text with what is behind it (WCAG 2, 1.4.3): 4.5, and 3 for large text.
  const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parse(colour).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [dark, bright] = [light(a), light(b)].sort((x, y) => x - y);
    return (bright + 0.05) / (dark + 0.05);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((parse(colour)[3] ?? 1) === 1) return colour;
    }
    return "rgb(255, 0, 0)";
  };
  const pairs = new Map();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || ["SCRIPT", "STYLE", "title"].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    let [front, back] = [style.color, behind(element)];
    if (element.tagName === "text") {
      // Drawn over the rectangle before it; the name of a group over the page.
      front = style.fill;
      if (element.previousElementSibling?.tagName === "rect" && !element.classList.contains("group")) {
        back = getComputedStyle(element.previousElementSibling).fill;
      }
    }
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    pairs.set(`${front} on ${back}`, [contrast(front, back), large ? 3 : 4.5, element]);
  }
  if (pairs.size < 5) wrong.push("no text was looked at");
  for (const [pair, [found, needed, element]] of pairs) {
    if (found < needed) say(`contrast of ${pair} is ${found.toFixed(2)}`, element);
  }
  // What a picture's colours must be told apart from (1.4.11).
  for (const [kind, selector] of [["bars", ".hit, .decided, .passed"]]) {
    for (const element of all(selector)) {
      const found = contrast(getComputedStyle(element).fill, behind(element.closest("svg").parentElement));
      if (found < 3) say(`contrast of ${kind} is ${found.toFixed(2)}`, element);
    }
  }
  return wrong;
})()
