// A frame with data-fit is as tall as the page in it; without this it scrolls by itself.
for (const frame of document.querySelectorAll("iframe[data-fit]")) {
  const fit = () => {
    const body = frame.contentDocument?.body;
    if (!body?.childElementCount) return;
    frame.classList.add("fitted");
    frame.style.height = "0";
    frame.style.height = `${frame.contentDocument.documentElement.scrollHeight}px`;
  };
  frame.addEventListener("load", fit);
  window.addEventListener("resize", fit);
  fit();
}
