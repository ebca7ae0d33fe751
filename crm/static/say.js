// Says something to everybody, readers of the screen included.
export function say(text) {
  const place = document.querySelector("#live");
  if (place) place.textContent = text;
}
