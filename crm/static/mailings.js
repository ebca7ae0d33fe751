// The page where a mailing is written: merge fields at the cursor, and a preview that follows the typing. Without it a
// button does the same.
const form = document.querySelector("#mailing-form");
const button = form?.querySelector("[data-preview]");

if (button) button.hidden = true; // The preview follows by itself.
for (const insert of document.querySelectorAll("[data-insert]")) {
  insert.hidden = false;
  insert.addEventListener("click", () => {
    const field = last ?? document.getElementById(insert.dataset.into);
    field.setRangeText(insert.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/* The menu inserts into the text field that was used last. */
let last;
form?.addEventListener("focusin", (event) => {
  if (event.target.matches("#subject, #preheader, #body")) last = event.target;
});

/* Each preview is posted into a frame of its own, which takes the place of the one before when it has loaded:
   so nothing flickers, and the history of the page is left alone. */
let timer;
function preview() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const shown = form.querySelector("iframe.preview");
    const next = shown.cloneNode();
    const name = `preview-${Date.now()}`;
    next.removeAttribute("src");
    next.name = name;
    next.hidden = true;
    shown.after(next);
    button.formTarget = name;
    next.addEventListener("load", () => {
      next.hidden = false;
      for (const old of form.querySelectorAll("iframe.preview")) if (old !== next) old.remove();
    });
    form.requestSubmit(button);
  }, 500);
}
form?.addEventListener("input", preview);
if (form && !form.querySelector("iframe.preview").src) preview();

/* What is wrong further down is seen even where that part is closed. */
function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = target?.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  if (target) target.scrollIntoView();
}
addEventListener("hashchange", open);
open();
