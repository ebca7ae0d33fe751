/* Shows a sign-up form in a frame where the tag stands: <script src=".../embed/signup.js" data-form="..." data-lang="en" data-title="..." async></script>
   The frame says how high it is; nobody else is listened to. No cookie is set, and nothing of this page is read but utm_* and via of its address. */
(function () {
  "use strict";
  var tag = document.currentScript;
  if (!tag || !tag.dataset.form) { return; }
  var home = new URL(tag.src).origin;
  var address = new URL("/embed/" + encodeURIComponent(tag.dataset.form), home);
  if (tag.dataset.lang) { address.searchParams.set("hl", tag.dataset.lang); }
  address.searchParams.set("parent", location.origin);
  new URLSearchParams(location.search).forEach(function (value, name) {
    if (name === "via" || name.indexOf("utm_") === 0) { address.searchParams.set(name, value); }
  });
  var frame = document.createElement("iframe");
  frame.src = address.href;
  var titles = { es: "Formulario de inscripción", ar: "استمارة التسجيل" };
  frame.title = tag.dataset.title || titles[tag.dataset.lang] || "Sign-up form";
  frame.setAttribute("loading", "lazy");
  frame.style.width = "100%";
  frame.style.border = "0";
  frame.style.height = "700px";
  window.addEventListener("message", function (event) {
    var ours = event.source === frame.contentWindow && (event.origin === home || event.origin === "null");
    var height = ours && event.data ? Number(event.data.groundswellHeight) : 0;
    if (height > 0 && height < 20000) { frame.style.height = Math.ceil(height) + "px"; }
  });
  tag.parentNode.insertBefore(frame, tag.nextSibling);
}());
