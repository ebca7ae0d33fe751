// The sample of a design follows what is typed; without it the button shows it. Each sample is posted into a frame of
// its own, which takes the place of the one before when it has loaded: nothing flickers, and no history is written.
const form = document.querySelector("#design-form");
const button = form?.querySelector("[data-sample]");
let timer;

function show() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const shown = form.querySelector("iframe.preview");
    const next = shown.cloneNode();
    next.name = `sample-${Date.now()}`;
    next.hidden = true;
    shown.after(next);
    button.formTarget = next.name;
    next.addEventListener("load", () => {
      next.hidden = false;
      for (const old of form.querySelectorAll("iframe.preview")) if (old !== next) old.remove();
    });
    form.requestSubmit(button);
  }, 300);
}

form?.addEventListener("input", show);
if (form) show();
