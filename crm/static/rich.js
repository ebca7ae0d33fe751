// Rich text: Trix in the place of the field for Markdown, with tools in words. What it makes is sent as `…html`.
import Trix from "./vendor/trix/trix.esm.min.js";
import { say } from "./say.js";
import { withLists } from "./word.js";

const LONGEST = 200_000;
Trix.config.blockAttributes.default.tagName = "p";
Trix.config.blockAttributes.default.breakOnReturn = true;
/* Enter begins a paragraph, as everywhere else, and Shift and Enter a line: Trix itself does so in lists alone. */
Trix.Block.prototype.breaksOnReturn = function breaks() {
  return Boolean(Trix.config.blockAttributes[this.getLastAttribute() ?? "default"]?.breakOnReturn);
};
Trix.LineBreakInsertion.prototype.shouldInsertBlockBreak = function inserts() {
  if (this.block.hasAttributes() && this.block.isListItem() && !this.block.isEmpty()) return this.startLocation.offset !== 0;
  return !this.shouldBreakFormattedBlock() && this.breaksOnReturn;
};
let number = 0;

/* Put the editor into each place for rich text. */
export function dress(root) {
  for (const place of root.querySelectorAll("[data-rich]")) {
    const plain = place.querySelector("textarea");
    const { rich: name, html, label } = place.dataset;
    const id = `rich-${++number}`;
    const kept = Object.assign(document.createElement("input"), { type: "hidden", name, id, value: html });
    const tools = document.createElement("trix-toolbar");
    tools.id = `${id}-tools`;
    tools.append(document.querySelector("#rich-tools").content.cloneNode(true));
    const editor = document.createElement("trix-editor");
    for (const [attribute, value] of Object.entries({ input: id, toolbar: tools.id, "aria-label": label, "aria-multiline": "true", lang: plain.lang, dir: plain.dir })) {
      editor.setAttribute(attribute, value);
    }
    const words = Object.assign(document.createElement("span"), { className: "rich-label", textContent: label });
    words.setAttribute("aria-hidden", "true");
    place.replaceChildren(words, kept, tools, editor);
    place.classList.add("rich");
    place.removeAttribute("data-rich");
  }
}

/* Insert a merge field where the cursor is. */
export function insertInto(place, typed) {
  const editor = place.querySelector("trix-editor");
  if (editor) {
    editor.focus();
    editor.editor.insertString(typed);
    return;
  }
  const field = place.querySelector("input:not([type=hidden], [data-default]), textarea");
  if (place.dataset.merge === "link") field.value = typed;
  else field.setRangeText(typed, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/* The editor shows nothing but text: no files, and no more of it than a mailing can have. */
document.addEventListener("trix-file-accept", (event) => {
  event.preventDefault();
  tell(event.target, "A picture is a block of its own: add one below.");
});
document.addEventListener("paste", (event) => {
  const editor = event.target.closest?.("trix-editor");
  const [html, plain] = ["text/html", "text/plain"].map((kind) => event.clipboardData.getData(kind).length);
  if (!editor || (plain <= LONGEST && html <= LONGEST * 10)) return; // What Word pastes is many times what it says.
  event.preventDefault();
  event.stopImmediatePropagation();
  tell(editor, `That is too long to paste: ${Math.max(html, plain).toLocaleString("en")} characters. A mailing can have ${LONGEST.toLocaleString("en")}.`);
}, true);
document.addEventListener("trix-before-paste", ({ paste }) => {
  if (paste.html) paste.html = withLists(paste.html);
});
document.addEventListener("trix-attachment-add", (event) => event.attachment.remove());
document.addEventListener("trix-change", (event) => {
  if (event.target.dataset.ready) event.target.dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("trix-initialize", (event) => { event.target.dataset.ready = "1"; });

function tell(editor, text) {
  const place = editor.closest(".rich");
  place.querySelector(".error")?.remove();
  editor.before(Object.assign(document.createElement("p"), { className: "error", textContent: text }));
  say(text);
}
