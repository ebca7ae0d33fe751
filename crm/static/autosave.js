// Saves what is written while it is written, and tells who else has the mailing open. Without it there are the buttons.
import { say } from "./say.js";

const form = document.querySelector("#mailing-form");
const state = document.querySelector("#save-state");
const trouble = document.querySelector("#not-saved");
const others = document.querySelector("#others");
const language = new URL(location.href).searchParams.get("text") ?? "";
const base = location.pathname.replace(/\/edit$/, "");
const address = (name) => `${base}/${name}${language ? `?text=${encodeURIComponent(language)}` : ""}`;
const value = (name) => form.elements.namedItem(name);

const PAUSE = 2500; // Milliseconds after the last change,
const AT_MOST = 10_000; // and never longer than this after the first.
const AGAIN = 10_000;
const BEAT = 25_000;
const LEAVING = 60_000; // Bytes that browsers send when a page is left.

let changedAt = 0;
let timer;
let saving = false;
let stopped = false;
let left = false;

form.addEventListener("input", (event) => {
  if (event.target.closest(".mailing-preview")) return;
  changedAt ||= Date.now();
  if (!saving && !stopped) later(Math.min(PAUSE, Math.max(0, changedAt + AT_MOST - Date.now())));
});
/* What was typed before this script was there is saved as well. */
if ([...form.elements].some((field) => field.type === "text" && field.value !== field.defaultValue)) {
  changedAt = Date.now();
  later(PAUSE);
}
form.addEventListener("submit", (event) => { if (!event.submitter?.formTarget) { clearTimeout(timer); left = true; } });

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(save, pause);
}

function typed() {
  const data = new FormData(form);
  for (const name of ["form_number", "as_contact", "view", "gone"]) data.delete(name);
  for (const [name, one] of [...data]) if (one instanceof File) data.delete(name);
  return data;
}

async function save() {
  if (saving || left) return;
  saving = true;
  const began = changedAt;
  changedAt = 0;
  tell("Saving…");
  const answer = await post("autosave", typed());
  saving = false;
  if (answer.status === 200) {
    value("version").value = answer.version;
    value("opened").value = answer.opened;
    tell("Saved", new Date());
    mended();
    if (!language) document.querySelector("h1 bdi").textContent = value("subject").value.trim() || "Mailing without a subject";
    name(answer.others);
    if (changedAt) later(PAUSE);
    else document.dispatchEvent(new Event("saved"));
    return;
  }
  changedAt ||= began;
  if (answer.status === 409) stopped = true;
  tell("Not saved");
  warn(answer.message ? `Not saved. ${answer.message}` : "Not saved: the server did not answer. It is tried again; leave the page open.");
  if (!answer.message) later(AGAIN);
}

async function post(name, data) {
  try {
    const answer = await fetch(address(name), { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } });
    const words = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    return { ...words, status: answer.redirected ? 0 : answer.status };
  } catch {
    return { status: 0 };
  }
}

function tell(words, at) {
  if (!at) { state.textContent = words; return; }
  const time = Object.assign(document.createElement("time"), { dateTime: at.toISOString(), textContent: at.toLocaleTimeString("en", { hour: "numeric", minute: "2-digit" }) });
  state.replaceChildren(`${words} at `, time);
}

/* What is not saved is said at the edge of the window, once, until it is; who wrote at the same time is led to both. */
function warn(words) {
  if (trouble.textContent.startsWith(words)) return;
  trouble.replaceChildren(Object.assign(document.createElement("p"), { textContent: words }));
  if (!stopped) return;
  const button = { type: "submit", className: "btn btn-secondary", name: "then", value: "edit", textContent: "Save and see both" };
  const both = Object.assign(document.createElement("button"), button);
  both.setAttribute("form", form.id);
  trouble.append(both);
}
function mended() {
  if (!trouble.hasChildNodes()) return;
  trouble.replaceChildren();
  say("Saved.");
}

/* Who else has it open. */
async function beat() {
  const answer = await post("open", key());
  if (answer.status === 200) name(answer.others);
}
function key(more = {}) {
  const data = new FormData();
  for (const [name, one] of Object.entries({ csrf_token: value("csrf_token").value, key: value("key").value, ...more })) data.set(name, one);
  return data;
}
function name(found) {
  const clock = (at) => new Date(at).toLocaleTimeString("en", { hour: "numeric", minute: "2-digit" });
  const words = ([who, windows]) => {
    const last = windows.map((one) => one.written).sort().at(-1);
    const wrote = last ? `, and wrote at ${clock(last)}` : "";
    const has = who ? `${who} has had this mailing open` : "You have had this mailing open in another window";
    return `${has} since ${clock(windows[0].since)}${wrote}. Whoever saves second sees what the other wrote.`;
  };
  const people = new Map();
  for (const one of found ?? []) people.set(one.name, [...(people.get(one.name) ?? []), one]);
  const lines = [...people].map(words);
  if (others.textContent.trim() !== lines.join("")) {
    others.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  }
  others.hidden = !lines.length;
}
beat();
setInterval(() => { if (!document.hidden) beat(); }, BEAT);

/* On leaving: save what is not saved yet, and say that nobody has it open here any more. */
document.addEventListener("visibilitychange", () => {
  if (document.hidden && changedAt && !saving && !stopped && !left) save();
});
addEventListener("pagehide", () => {
  if (changedAt && !stopped && !left) {
    const data = typed();
    const size = [...data].reduce((sum, [one, words]) => sum + one.length + 2 * words.length + 150, 0);
    if (size < LEAVING) navigator.sendBeacon(address("autosave"), data);
  }
  navigator.sendBeacon(address("open"), key({ closed: "1" }));
});
