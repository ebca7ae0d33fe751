/* Inside of a frame: tells the site that shows it, and no other, how high the page is. */
(function () {
  "use strict";
  var parent = document.body.dataset.parent;
  if (!parent || window.parent === window) { return; }
  var page = document.querySelector("main");
  function tell() { window.parent.postMessage({ groundswellHeight: page.offsetTop + page.offsetHeight + 8 }, parent); }
  new ResizeObserver(tell).observe(page);
  tell();
  var problem = document.querySelector("[data-error-summary]");
  if (problem) { problem.focus(); }
}());
