// Small improvements of pages that work without them. Each is found by its data attribute.
import { say } from "./say.js";

document.documentElement.classList.add("js");

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/* The error summary takes the focus, so that it is read first. */
one("[data-error-summary]")?.focus();

/* "/" leads to the search; people who speak to their computer can turn it off (WCAG 2.1.4). */
const shortcutOff = () => localStorage.getItem("shortcut") === "off";
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || shortcutOff()) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const search = one("[data-search]");
  if (search) { event.preventDefault(); search.focus(); search.select(); }
});
for (const button of all("[data-toggle-shortcut]")) {
  const show = () => { button.textContent = `Shortcut / for search: ${shortcutOff() ? "off" : "on"}`; };
  button.hidden = false;
  show();
  button.addEventListener("click", () => { localStorage.setItem("shortcut", shortcutOff() ? "on" : "off"); show(); });
}

/* Light, dark, or as the system has it; the cookie lets the server send the page right at once. */
for (const choice of all("[data-theme-choice]")) {
  choice.closest("[hidden]")?.removeAttribute("hidden");
  choice.value = document.documentElement.dataset.bsTheme ?? "";
  choice.addEventListener("change", () => {
    const age = choice.value ? 31536000 : 0;
    document.cookie = `theme=${choice.value}; path=/; max-age=${age}; SameSite=Lax`;
    if (choice.value) document.documentElement.dataset.bsTheme = choice.value;
    else delete document.documentElement.dataset.bsTheme;
    document.dispatchEvent(new Event("themechange"));
  });
}

/* Leaving a form with unsaved changes asks first. */
let unsaved = false;
document.addEventListener("input", (event) => { if (event.target.closest("form[data-guard]")) unsaved = true; });
document.addEventListener("submit", (event) => { if (!event.submitter?.formTarget) unsaved = false; });
document.addEventListener("saved", () => { unsaved = false; });
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

/* A form with data-confirm="question" asks in words before it is sent. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!question || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(question, event.submitter?.textContent.trim() || "Yes", () => {
    form.dataset.confirmed = "1";
    form.requestSubmit(event.submitter ?? undefined);
    delete form.dataset.confirmed;
  });
}, true);

function ask(question, yes, then) {
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  const row = document.createElement("div");
  text.textContent = question;
  text.id = "dialog-question";
  row.className = "buttons mb-0";
  const button = (label, kind) => Object.assign(document.createElement("button"), { type: "button", className: `btn ${kind}`, textContent: label });
  const agree = button(yes, "btn-primary");
  const cancel = button(document.documentElement.dataset.cancel ?? "Cancel", "btn-secondary");
  agree.addEventListener("click", () => { dialog.close(); then(); });
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.setAttribute("aria-labelledby", text.id);
  row.append(agree, cancel);
  dialog.append(text, row);
  document.body.append(dialog);
  dialog.showModal();
  cancel.focus();
}

/* Times in relative words, the exact time on hover. */
const steps = [[60, "second"], [60, "minute"], [24, "hour"], [7, "day"], [4.345, "week"], [12, "month"], [Infinity, "year"]];
function relative(date) {
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  let amount = (date - Date.now()) / 1000;
  for (const [size, unit] of steps) {
    if (Math.abs(amount) < size) return words.format(Math.round(amount), unit);
    amount /= size;
  }
}
function tellTimes(root = document) {
  for (const time of all("time[data-relative]:not([title])", root)) {
    time.title = time.textContent.trim();
    time.textContent = relative(new Date(time.dateTime));
  }
}
tellTimes();

/* Copy the text of another element. */
for (const button of all("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const from = one(button.dataset.copy);
    await navigator.clipboard.writeText((from.matches("input, textarea") ? from.value : from.textContent).trim());
    say(button.dataset.copied ?? "Copied");
  });
}

/* Count that something was taken, where no form is sent for it. */
for (const taken of all("[data-count]")) {
  taken.addEventListener("click", () => navigator.sendBeacon(taken.dataset.count));
}

/* Print the page; without scripts the browser's own menu does. */
for (const button of all("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

/* The local clock's zone as a first choice, where the page asks for one. */
for (const field of all("[data-zone]:not([data-chosen])")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (one(`option[value="${CSS.escape(zone)}"]`, field)) field.value = zone;
}

/* When something is on the clocks of whoever reads, where those differ from the ones of the page. */
for (const place of all("[data-own-time]")) {
  const [from, until] = [new Date(place.dataset.ownTime), new Date(place.dataset.until)];
  const words = (timeZone) => new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short", timeZone }).formatRange(from, until);
  const own = words();
  if (own === words(place.dataset.zoneThere)) continue;
  one("span", place).textContent = own;
  place.hidden = false;
}

/* An open menu closes with Escape and with a click elsewhere. */
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
  if (menu) { menu.open = false; one("summary", menu).focus(); }
});
document.addEventListener("click", (event) => {
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("htmx:afterSwap", (event) => tellTimes(event.target));
if (one("canvas[data-chart]")) import("./charts.js");
if (one("[data-board]")) import("./board.js");
