// The images of a class, by where they come from; a click takes one out, or all of one recording.
export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".asl-thumbnails");
  const shown = JSON.stringify(data);
  if (box.shown !== shown) {
    const focused = box.contains(document.activeElement);
    box.shown = shown;
    box.replaceChildren(...data.map(group));
    if (focused) box.querySelector("button")?.focus(); // else the keyboard would start over
  }
  box.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) setTriggerValue("removed", button.files);
  };
}

function group({ title, remove, images }) {
  const found = element("section", {});
  const head = element("div", { class: "asl-thumbnails-head" });
  head.append(element("strong", {}, title), button(images.map(({ file }) => file), remove, remove));
  const sheet = element("div", { class: "asl-thumbnails-sheet" });
  images.forEach(({ file, url, told }) => {
    const one = button([file], told, "");
    one.append(element("img", { src: url, alt: "" }));
    sheet.append(one);
  });
  found.append(head, sheet);
  return found;
}

function button(files, told, text) {
  const found = element("button", { type: "button", "aria-label": told, title: told }, text);
  found.files = files;
  return found;
}

function element(tag, attributes, text = "") {
  const found = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => found.setAttribute(name, value));
  found.textContent = text;
  return found;
}
