// The list of choices can be dragged; the buttons stay for the keyboard and do the same.
const form = document.getElementById("ranking");
const body = form ? form.querySelector("tbody") : null;
let held = null;

function written() {
  const rows = [...body.querySelectorAll("tr[data-slot]")];
  return rows
    .map((row, at) => (at > 0 && row.dataset.tied === "yes" ? "+" : " ") + row.dataset.slot)
    .join("")
    .trim();
}

// After a step the focus is where the step was taken, not on the notice on top: one Tab leads to the next step.
const moved = document.getElementById(location.hash.slice(1));
if (moved) moved.focus();

if (body) {
  const before = written();
  for (const row of body.querySelectorAll("tr[data-slot]")) {
    row.draggable = true;
    row.classList.add("hub-draggable");
  }
  body.addEventListener("dragstart", (event) => {
    held = event.target.closest("tr[data-slot]");
    event.dataTransfer.effectAllowed = "move";
  });
  body.addEventListener("dragover", (event) => {
    const over = event.target.closest("tr[data-slot]");
    if (!held || !over || over === held) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    over[event.clientY < box.top + box.height / 2 ? "before" : "after"](held);
    // Whoever is moved stands alone, and so does who followed it.
    held.dataset.tied = "no";
  });
  body.addEventListener("drop", (event) => event.preventDefault());
  body.addEventListener("dragend", () => {
    held = null;
    if (written() === before) return;
    form.elements.order.value = written();
    const step = document.createElement("input");
    Object.assign(step, { type: "hidden", name: "do", value: "order" });
    form.append(step);
    form.submit();
  });
}
