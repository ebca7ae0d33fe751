// The check of a form: altcha's widget with its worker from here, and words in the language of the page.
import "./vendor/altcha/altcha.min.js";

const { algorithms, i18n } = globalThis.$altcha;
const worker = new URL("./vendor/altcha/pbkdf2.js", import.meta.url);
const looks = JSON.stringify({ hideFooter: true, hideLogo: true, humanInteractionSignature: false });
algorithms.set("PBKDF2/SHA-256", () => new Worker(worker));

for (const place of document.querySelectorAll("[data-check]")) {
  const language = document.documentElement.lang || "en";
  i18n.set(language, { ...i18n.get("en"), ...JSON.parse(place.dataset.words) });
  const widget = document.createElement("altcha-widget");
  const settings = { challenge: place.dataset.check, name: "altcha", type: "native", auto: "onload", language, configuration: looks };
  for (const [name, value] of Object.entries(settings)) widget.setAttribute(name, value);
  place.append(widget);
}
