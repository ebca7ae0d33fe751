// Moving cards on the board by drag, by keys and by the menu of each card. Each card keeps a form that moves it (select
// name="stage"); whatever moves the card fills and posts that form, so that all ways do the same, and the server decides.
import "./vendor/sortablejs/Sortable.min.js";
import { say } from "./say.js";

const KEYS = { ArrowRight: 1, ArrowLeft: -1 };
const columnOf = (card) => card.closest("[data-stage]");
const columnsAround = (card) => [...card.closest("[data-board]").querySelectorAll("[data-stage]")];

/* A card stays in its lane: another owner or sector is no move of the stage. */
for (const board of document.querySelectorAll("[data-board]")) {
  for (const column of board.querySelectorAll("[data-stage]")) {
    window.Sortable.create(column, {
      group: board.dataset.board, draggable: "[data-card]", filter: "a, button, summary, select, input, label", preventOnFilter: false,
      delay: 150, delayOnTouchOnly: true, touchStartThreshold: 5, scroll: true, bubbleScroll: true, animation: 0,
      onEnd: ({ item, from, to }) => { if (from !== to) move(item, from, to); },
    });
  }
  board.addEventListener("keydown", onKey);
  board.addEventListener("submit", onSubmit);
}
document.querySelector("[data-keys]")?.removeAttribute("hidden");

/* Shift and an arrow on "Move": a stage on or back. */
function onKey(event) {
  const step = KEYS[event.key];
  const card = event.target.matches("summary") && event.target.closest("[data-card]");
  if (!step || !card || !event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const from = columnOf(card);
  const columns = columnsAround(card);
  const to = columns[columns.indexOf(from) + step];
  if (!to) {
    say(`${card.dataset.card}: ${from.dataset.label} is the ${step > 0 ? "last" : "first"} stage`);
    return;
  }
  move(card, from, to);
}

/* The menu of a card: the chosen stage, with its reason. */
function onSubmit(event) {
  const form = event.target.closest("form[data-move]");
  if (!form) return;
  event.preventDefault();
  const card = form.closest("[data-card]");
  const from = columnOf(card);
  const to = columnsAround(card).find((column) => column.dataset.stage === form.elements.namedItem("stage").value);
  card.querySelector("summary").focus();
  form.closest("details").open = false;
  if (to && to !== from) move(card, from, to);
}

/* Ask the server, and put the card where it is then: a dragged one stands in its new column already. */
async function move(card, from, to) {
  if (card.dataset.moving) { // The answer to the move before is not here yet, and with it the version.
    place(card, from);
    return say(`${card.dataset.card}: please wait for the move before`);
  }
  card.dataset.moving = "1";
  const form = card.querySelector("form[data-move]");
  form.elements.namedItem("stage").value = to.dataset.stage;
  const answer = await send(form);
  delete card.dataset.moving;
  const now = answer.moved ? to : columnsAround(card).find((column) => column.dataset.stage === answer.stage) ?? from;
  place(card, now);
  count(from, -1);
  count(now, 1);
  form.elements.namedItem("stage").value = now.dataset.stage;
  if (answer.version) form.elements.namedItem("version").value = answer.version;
  if (!answer.moved) return refuse(card, to, now, answer);
  form.elements.namedItem("reason").value = "";
  card.querySelector("[data-age]").textContent = "0";
  document.querySelector("#board-note")?.remove();
  say(`${card.dataset.card}: ${to.dataset.label}`);
}

/* The server answers in JSON: where the card is, its version, or a message why it was not moved. */
async function send(form) {
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } });
    const words = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    return { ...words, moved: answer.ok && "stage" in words };
  } catch {
    return { moved: false };
  }
}

/* Into the column, the focus kept where it was on the card. */
function place(card, column) {
  const focused = card.contains(document.activeElement);
  if (columnOf(card) !== column) column.append(card);
  if (focused) card.querySelector("summary").focus();
}

function count(column, by) {
  const shown = column.closest(".board-column")?.querySelector("[data-count]");
  if (shown) shown.textContent = Number(shown.textContent) + by;
}

/* The move was not made: say who moved the card and why, and let whoever tried choose. */
function refuse(card, wanted, now, { message, again }) {
  const text = message || "The move was not saved: the server did not answer as it should.";
  document.querySelector("#board-note")?.remove();
  const note = Object.assign(document.createElement("div"), { id: "board-note", className: "note note-bad", tabIndex: -1 });
  const words = Object.assign(document.createElement("p"), { textContent: text });
  const choices = Object.assign(document.createElement("p"), { className: "row-buttons" });
  const close = () => { note.remove(); card.querySelector("summary").focus(); };
  if (again && wanted !== now) {
    choices.append(button(`Move to ${wanted.dataset.label} all the same`, () => { close(); move(card, now, wanted); }));
    choices.append(button(`Leave it in ${now.dataset.label}`, close));
  }
  choices.append(Object.assign(document.createElement("a"), { href: location.href, textContent: "Load the board anew" }));
  note.append(words, choices);
  card.closest("[data-board]").before(note);
  note.focus();
  say(text);
}

function button(label, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-secondary", textContent: label });
  made.addEventListener("click", act);
  return made;
}
