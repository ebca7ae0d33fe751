// Moving entries of the calendar by drag, and going from day to day by the arrow keys. A drag posts to the same address as
// the page behind "Move"; the server decides, and the entry is put where the server says it is.
import "./vendor/sortablejs/Sortable.min.js";
import { say } from "./say.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const calendar = document.querySelector("[data-calendar]");
const mover = document.querySelector("form[data-mover]");

if (mover) {
  for (const list of calendar.querySelectorAll("[data-day]")) {
    window.Sortable.create(list, {
      group: { name: "calendar", put: list.dataset.day !== "" }, sort: false, draggable: "[data-move]", animation: 0, emptyInsertThreshold: 40,
      delay: 150, delayOnTouchOnly: true, touchStartThreshold: 5, filter: ".calendar-move", preventOnFilter: false,
      onEnd: ({ item, from, to }) => { if (from !== to) move(item, from, to.dataset.day); },
    });
  }
  document.querySelector("[data-keys]")?.removeAttribute("hidden");
}

calendar.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  if (!step || !event.target.matches("[data-date]") || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const days = [...calendar.querySelectorAll("[data-date]")].filter((day) => day.checkVisibility?.() ?? true);
  const next = days[days.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

const dayList = (day) => calendar.querySelector(`[data-day="${day ?? ""}"]`);

/* Ask the server, and put the entry where it is then. */
async function move(item, from, day, known = "") {
  const answer = await send(item, day, known);
  const list = "day" in answer ? dayList(answer.day) : from;
  if (list) list.append(item);
  else item.remove(); // On a day of a month that is not shown.
  if (answer.seen) item.dataset.seen = answer.seen;
  if (!answer.moved) return refuse(item, list ?? from, day, answer);
  const undo = answer.was === null && item.dataset.move.includes("/asks/") ? [] : [["Undo", () => move(item, dayList(answer.day) ?? from, answer.was ?? "")]];
  note(answer.message, "note-good", undo);
}

async function send(item, day, known) {
  const body = new FormData(mover);
  body.set("day", day);
  body.set("seen", item.dataset.seen);
  body.set("known", known);
  try {
    const answer = await fetch(item.dataset.move, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    return answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : { moved: false };
  } catch {
    return { moved: false };
  }
}

/* The move was not made: say why, and let whoever tried go on where a warning alone stands in the way. */
function refuse(item, from, day, { message, know }) {
  const text = message || "The move was not saved: the server did not answer as it should.";
  const choices = know ? [["Move it all the same", () => move(item, from, day, know)], ["Leave it", () => {}]] : [];
  note(text, know ? "note-warn" : "note-bad", choices);
}

function note(text, kind, choices) {
  document.querySelector("#calendar-note")?.remove();
  const made = Object.assign(document.createElement("div"), { id: "calendar-note", className: `note ${kind}`, tabIndex: -1 });
  const row = Object.assign(document.createElement("p"), { className: "row-buttons" });
  for (const [label, act] of choices) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-secondary", textContent: label });
    button.addEventListener("click", () => { made.remove(); act(); });
    row.append(button);
  }
  made.append(Object.assign(document.createElement("p"), { textContent: text }));
  if (choices.length) made.append(row);
  calendar.before(made);
  made.scrollIntoView({ block: "nearest" });
  if (choices.length) made.focus();
  say(text);
}
