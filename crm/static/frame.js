/* Inside of a frame: tells the site that shows it, and no other, how high the page is. */
(function () {
  "use strict";
  var parent = document.body.dataset.parent;
  if (!parent || window.parent === window) { return; }
  function tell() { window.parent.postMessage({ groundswellHeight: document.documentElement.offsetHeight }, parent); }
  new ResizeObserver(tell).observe(document.documentElement);
  tell();
  var problem = document.querySelector("[data-error-summary]");
  if (problem) { problem.focus(); }
}());
