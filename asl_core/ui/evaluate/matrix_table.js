// The confusion matrix: a table with a button in each cell and a single tab stop (the grid pattern
// of the ARIA Authoring Practices). It is built once for its numbers; a choice only moves a frame.
export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".asl-matrix");
  const numbers = JSON.stringify(data.shown);
  if (box.numbers !== numbers) {
    const had = box.contains(document.activeElement) ? box.stop : null;
    box.numbers = numbers;
    box.style.setProperty("--cell", `${data.shown.cell}px`);
    box.style.setProperty("--classes", data.shown.names.length);
    box.buttons = new Map();
    box.replaceChildren(table(data.shown, box.buttons));
    box.stop = null;
    if (had && box.buttons.has(had)) stopAt(box, had).focus();
  }
  mark(box, data.chosen);
  if (!box.stop) stopAt(box, data.chosen ? place(...data.chosen) : place(0, 0));
  box.onclick = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    stopAt(box, button.dataset.place);
    setTriggerValue("chosen", coordinates(button.dataset.place));
  };
  box.onkeydown = (event) => move(box, event, data.shown.names.length);
}

// Rows and columns count from 0; -1 is a header, which stands for all classes.
const place = (row, column) => `${row},${column}`;
const coordinates = (text) => text.split(",").map(Number);

function table(shown, buttons) {
  const { names, short, counts } = shown;
  const found = element("table", { role: "grid" });
  found.className = shown.large ? "asl-large" : "asl-dense";
  found.append(element("caption", {}, "Rows: true class. Columns: predicted class."));
  const head = found.createTHead().insertRow();
  head.append(element("td"));
  const upright = Math.max(...short.map((name) => name.length)) > 2;
  names.forEach((name, column) => {
    const th = element("th", { scope: "col" });
    if (upright) th.className = "asl-upright";
    const all = `All images predicted to be ${name} that are not`;
    th.append(button(buttons, -1, column, short[column], all));
    head.append(th);
  });
  const body = found.createTBody();
  names.forEach((name, row) => {
    const tr = body.insertRow();
    const th = element("th", { scope: "row" });
    th.append(button(buttons, row, -1, short[row], `All images of ${name} that are misclassified`));
    tr.append(th);
    const total = Math.max(1, counts[row].reduce((sum, count) => sum + count, 0));
    names.forEach((other, column) => {
      const share = (100 * counts[row][column]) / total;
      const told = `true ${name}, predicted ${other}: ${counts[row][column]} (${share.toFixed(1)} %)`;
      const cell = button(buttons, row, column, shown.texts[row][column], told);
      [cell.style.backgroundColor, cell.style.color] = shown.tints[shown.steps[row][column]];
      tr.insertCell().append(cell);
    });
  });
  return found;
}

function button(buttons, row, column, text, told) {
  const at = place(row, column);
  const attributes = { type: "button", tabindex: "-1", "aria-label": told, title: told };
  const found = element("button", { ...attributes, "data-place": at }, text);
  buttons.set(at, found);
  return found;
}

function element(tag, attributes = {}, text = "") {
  const found = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => found.setAttribute(name, value));
  found.textContent = text;
  return found;
}

function mark(box, chosen) {
  const [row, column] = chosen ?? [];
  box.buttons.forEach((button, at) => {
    const [y, x] = coordinates(at);
    button.setAttribute("aria-pressed", String(y === row && x === column));
    const inside = chosen && (row === -1 || y === row) && (column === -1 || x === column);
    button.classList.toggle("asl-chosen", Boolean(inside));
  });
}

function stopAt(box, at) {
  box.buttons.get(box.stop)?.setAttribute("tabindex", "-1");
  box.stop = at;
  const button = box.buttons.get(at);
  button.setAttribute("tabindex", "0");
  return button;
}

function move(box, event, n) {
  const [row, column] = coordinates(box.stop);
  const last = n - 1;
  const to = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [event.ctrlKey ? 0 : row, row === -1 ? 0 : -1],
    End: [event.ctrlKey ? last : row, last],
  }[event.key];
  if (!to || event.altKey || event.metaKey) return;
  event.preventDefault();
  const next = place(...to);
  if (box.buttons.has(next)) stopAt(box, next).focus();
}
