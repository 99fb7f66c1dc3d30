async function copy(box) {
  const told = box.querySelector("[role=status]");
  const field = box.querySelector("input");
  const link = window.location.href;  // as it is now: a choice changes it without a new page
  try {
    await navigator.clipboard.writeText(link);  // there is none without HTTPS
    field.hidden = true;
    told.textContent = "Link copied.";
  } catch {
    field.value = link;
    field.hidden = false;
    field.focus();
    field.select();
    told.textContent = "Copy the selected link:";
  }
}

export default function ({ parentElement }) {
  const box = parentElement.querySelector(".asl-share");
  box.querySelector("[data-does=copy]").onclick = () => copy(box);
  box.querySelector("[data-does=print]").onclick = () => window.print();
}
