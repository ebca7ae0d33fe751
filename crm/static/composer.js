// Writing in blocks: the buttons exchange the list of blocks alone; blocks are dragged, or moved by Shift and an arrow;
// rich text, pictures and merge fields get their tools. Without it each button sends the page.
import "./vendor/sortablejs/Sortable.min.js";
import { dress, insertInto } from "./rich.js";
import { choosePictures } from "./pictures.js";
import { say } from "./say.js";

const form = document.querySelector("#mailing-form, #page-form");
const list = () => document.querySelector("#blocks");
window.htmx.config.attributesToSettle = []; // Styles of old elements for new ones of the same id, which our policy refuses.

/* A button that changes the blocks: htmx sends the form and puts the new list in the place of the old one. */
form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=do]");
  if (!button) return;
  event.preventDefault();
  change(button.value);
});
function change(wanted) {
  if (list().inert) return;
  list().inert = true; // What is typed until the answer comes would be lost.
  window.htmx.ajax("POST", form.action, { source: form, target: "#blocks", swap: "outerHTML", values: { do: wanted } });
}
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "blocks" && event.detail.target?.id !== "blocks") return;
  prepare();
  const said = list().dataset.said;
  const focus = list().dataset.focus;
  const block = focus && list().querySelector(`[data-block="${CSS.escape(focus)}"]`);
  const field = block?.querySelector("input:not([type=hidden], [type=checkbox], [type=file], [data-trix-input]), textarea, select, trix-editor");
  const moved = said.includes(" moved ");
  const target = moved ? block?.querySelector("summary") : field ?? block?.querySelector("summary");
  (target ?? list().querySelector("summary")).focus();
  block?.scrollIntoView({ block: "nearest" });
  if (said) say(said);
  form.dispatchEvent(new Event("input", { bubbles: true }));
});
for (const fault of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(fault, () => {
    list().inert = false;
    say("That did not work: the server did not answer as it should. Nothing is lost; try again.");
    const state = document.querySelector("#save-state");
    if (state) state.textContent = "The server did not answer. Nothing is lost; try again.";
  });
}

/* Shift and an arrow on "Move or remove": up or down. */
form.addEventListener("keydown", (event) => {
  if (!event.shiftKey || !event.target.matches(".block-move > summary")) return;
  const wanted = { ArrowUp: event.target.dataset.up, ArrowDown: event.target.dataset.down };
  if (!(event.key in wanted)) return;
  event.preventDefault();
  if (wanted[event.key]) change(wanted[event.key]);
  else say(event.key === "ArrowUp" ? "It is the first already" : "It is the last already");
});

/* The fields keep the names of their old places until the answer is there, so a move says from where to where. */
function drag() {
  for (const one of list().querySelectorAll("[data-list]")) {
    window.Sortable.create(one, {
      group: { name: "blocks", put: (to, _from, item) => to.el.dataset.list === "b" || item.dataset.kind !== "columns" },
      handle: ".block-grip", draggable: ".block", delay: 150, delayOnTouchOnly: true, touchStartThreshold: 5, animation: 0,
      emptyInsertThreshold: 24,
      onEnd: ({ item, to, newDraggableIndex, from, oldDraggableIndex }) => {
        if (to === from && newDraggableIndex === oldDraggableIndex) return;
        change(`move:${item.dataset.path}:${to.dataset.list}:${newDraggableIndex}`);
      },
    });
  }
}

/* One menu of merge fields serves all fields: it opens where its button stands, and inserts at the cursor there.
   A page of the site has none. */
const menu = document.querySelector("#merge-menu")?.content.firstElementChild;
let into;
function offerFields() {
  if (!menu) return;
  for (const place of document.querySelectorAll("[data-merge]:not([data-offered]), .rich:not([data-offered])")) {
    place.dataset.offered = "1";
    const opener = Object.assign(document.createElement("button"), { type: "button", className: "merge-opener" });
    const label = place.querySelector("label, .rich-label")?.firstChild.textContent.trim() ?? "Text";
    opener.textContent = place.dataset.merge === "link" ? "Link field" : "Merge field";
    opener.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` for ${label}` }));
    opener.setAttribute("aria-expanded", "false");
    opener.addEventListener("click", () => toggle(opener, place));
    place.prepend(opener);
  }
}
function toggle(opener, place) {
  const open = menu.isConnected && into?.opener === opener;
  close();
  if (open) return;
  into = { opener, place };
  const links = place.dataset.merge === "link";
  for (const entry of menu.querySelectorAll("[data-typed]")) entry.hidden = links ? !("link" in entry.dataset) : "link" in entry.dataset && !place.matches(".rich");
  menu.querySelector("label").hidden = links;
  opener.after(menu);
  opener.setAttribute("aria-expanded", "true");
  menu.querySelector(links ? "[data-typed]:not([hidden])" : "[data-default]").focus();
}
function close() {
  into?.opener.setAttribute("aria-expanded", "false");
  menu.remove();
  into = undefined;
}
menu?.addEventListener("click", (event) => {
  const entry = event.target.closest("[data-typed]");
  if (!entry) return;
  const word = menu.querySelector("[data-default]").value.replaceAll(/["{}|]/g, "").trim();
  const bare = entry.dataset.typed.replace(/ \| default: "[^"]*"/, "");
  const typed = word && !("link" in entry.dataset) ? bare.replace(" }}", ` | default: "${word}" }}`) : entry.dataset.typed;
  const { place } = into;
  close();
  insertInto(place, typed);
});
menu?.addEventListener("input", (event) => event.stopPropagation());
menu?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
  if (event.key !== "Escape") return;
  const { opener } = into;
  close();
  opener.focus();
});
document.addEventListener("click", (event) => {
  if (menu?.isConnected && !menu.contains(event.target) && !event.target.closest(".merge-opener")) close();
});

/* Words in brackets that a mailing begins with are there to be written over. */
form.addEventListener("focusin", (event) => {
  if (event.target.matches("input, textarea") && /^\[[^\]]*…\]$/.test(event.target.value)) event.target.select();
});

function prepare() {
  dress(list());
  choosePictures(list(), form);
  offerFields();
  drag();
}
prepare();
