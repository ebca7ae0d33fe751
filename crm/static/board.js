// Dragging on the board. Each card keeps a form that moves it (select name="stage"); dragging fills and posts that form,
// so that the menu and the mouse do the same, and the server decides.
import "./vendor/sortablejs/Sortable.min.js";
import { say } from "./say.js";

for (const column of document.querySelectorAll("[data-board] [data-stage]")) {
  window.Sortable.create(column, {
    group: "board", draggable: "[data-card]", filter: "a, button, summary, select, input", preventOnFilter: false,
    delay: 150, delayOnTouchOnly: true, animation: 0, onEnd: dropped,
  });
}
count();

async function dropped({ item, from, to, oldDraggableIndex }) {
  if (from === to) return;
  const form = item.querySelector("form[data-move]");
  const chosen = form.elements.namedItem("stage");
  const before = chosen.value;
  chosen.value = to.dataset.stage;
  count();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) throw new Error(String(answer.status));
    say(`${item.dataset.card}: ${to.dataset.label ?? to.dataset.stage}`);
  } catch {
    chosen.value = before;
    from.insertBefore(item, from.querySelectorAll(":scope > [data-card]")[oldDraggableIndex] ?? null);
    count();
    refuse();
  }
}

function count() {
  for (const column of document.querySelectorAll("[data-board] [data-stage]")) {
    const place = column.closest(".board-column")?.querySelector("[data-count]");
    if (place) place.textContent = column.querySelectorAll(":scope > [data-card]").length;
  }
}

/* The move was not saved: say so where it is seen, with a way to the present state. */
function refuse() {
  const text = "The move was not saved. Somebody may have changed this influencer meanwhile.";
  let note = document.querySelector("#board-note");
  if (!note) {
    note = Object.assign(document.createElement("p"), { id: "board-note", className: "note note-bad" });
    document.querySelector("[data-board]").before(note);
  }
  const link = Object.assign(document.createElement("a"), { href: location.href, textContent: "Load the board anew" });
  note.replaceChildren(`${text} `, link);
  say(text);
}
