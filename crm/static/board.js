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
  const { moved, message, version } = await send(form);
  if (moved) {
    if (version) for (const field of item.querySelectorAll("input[name=version]")) field.value = version;
    say(`${item.dataset.card}: ${to.dataset.label ?? to.dataset.stage}`);
    return;
  }
  chosen.value = before;
  from.insertBefore(item, from.querySelectorAll(":scope > [data-card]")[oldDraggableIndex] ?? null);
  count();
  refuse(message);
}

/* The server answers in JSON: version after the move, or a message why not. */
async function send(form) {
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } });
    const words = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    return { ...words, moved: answer.ok };
  } catch {
    return { moved: false };
  }
}

function count() {
  for (const column of document.querySelectorAll("[data-board] [data-stage]")) {
    const place = column.closest(".board-column")?.querySelector("[data-count]");
    if (place) place.textContent = column.querySelectorAll(":scope > [data-card]").length;
  }
}

/* The move was not saved: say so where it is seen, with a way to the present state. */
function refuse(message) {
  const text = message || "The move was not saved: the server did not answer as it should.";
  let note = document.querySelector("#board-note");
  if (!note) {
    note = Object.assign(document.createElement("p"), { id: "board-note", className: "note note-bad" });
    document.querySelector("[data-board]").before(note);
  }
  const link = Object.assign(document.createElement("a"), { href: location.href, textContent: "Load the board anew" });
  note.replaceChildren(`${text} `, link);
  say(text);
}
