// Pictures of blocks: chosen from those that are there, in a window of their own, or uploaded at once.
import { say } from "./say.js";

/* Give each field for a picture its tools. */
export function choosePictures(root, form) {
  for (const field of root.querySelectorAll("[data-picture]")) {
    const select = field.querySelector("select");
    const file = field.querySelector("input[type=file]");
    const open = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-secondary", textContent: "Choose a picture" });
    select.after(open);
    select.classList.add("visually-hidden");
    select.tabIndex = -1;
    select.setAttribute("aria-hidden", "true");
    const upload = file.closest(".field");
    upload.remove(); // It stands in the window, so that the form itself sends no files.
    show(field, select);
    open.addEventListener("click", () => choose(field, select, file, upload, form));
  }
}

function show(field, select) {
  const shown = field.querySelector(".picture-shown");
  const source = select.selectedOptions[0]?.dataset.src;
  shown.hidden = !source;
  if (source) shown.src = source;
}

function choose(field, select, file, upload, form) {
  const dialog = document.createElement("dialog");
  dialog.className = "picture-window";
  dialog.setAttribute("aria-label", "Choose a picture");
  const all = Object.assign(document.createElement("div"), { className: "picture-choices" });
  for (const option of select.options) if (option.dataset.src) all.append(one(option, (value) => { take(field, select, value); dialog.close(); }));
  const close = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-link", textContent: "Cancel" });
  close.addEventListener("click", () => dialog.close());
  const title = Object.assign(document.createElement("h2"), { textContent: all.childElementCount ? "Choose a picture, or upload one" : "Choose a picture" });
  const words = Object.assign(document.createElement("p"), { className: "error", hidden: true });
  words.setAttribute("role", "alert");
  file.onchange = async () => {
    if (!file.files.length) return;
    words.hidden = true;
    say("Uploading…");
    const answer = await send(file.files[0], form);
    file.value = "";
    if (!answer.id) {
      words.textContent = answer.error ?? "The server did not answer as it should. Try again.";
      words.hidden = false;
      return;
    }
    const source = new URL(answer.url).pathname;
    const option = Object.assign(document.createElement("option"), { value: answer.id, textContent: answer.name });
    Object.assign(option.dataset, { src: source, alt: answer.alt });
    for (const other of document.querySelectorAll("[data-picture] select")) other.append(option.cloneNode(true));
    take(field, select, answer.id);
    dialog.close();
    say("The picture is uploaded.");
  };
  dialog.append(title, all, upload, words, close);
  dialog.addEventListener("close", () => {
    upload.remove();
    dialog.remove();
    field.querySelector("button").focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function one(option, take) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "picture-choice" });
  const image = Object.assign(document.createElement("img"), { src: option.dataset.src, alt: option.dataset.alt || "", loading: "lazy" });
  button.append(image, Object.assign(document.createElement("span"), { textContent: option.textContent }));
  button.setAttribute("aria-pressed", String(option.selected));
  button.addEventListener("click", () => take(option.value));
  return button;
}

/* The chosen picture, with the description that it brings where none is written yet. */
function take(field, select, value) {
  select.value = value;
  const alt = field.closest(".block").querySelector("input[name$='.alt']");
  if (alt && !alt.value) alt.value = select.selectedOptions[0].dataset.alt ?? "";
  show(field, select);
  select.dispatchEvent(new Event("input", { bubbles: true }));
}

async function send(file, form) {
  const data = new FormData();
  data.set("picture", file);
  data.set("csrf_token", form.elements.namedItem("csrf_token").value);
  try {
    const answer = await fetch("/staff/mailings/pictures", { method: "POST", body: data, headers: { Accept: "application/json" } });
    return answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  } catch {
    return {};
  }
}
