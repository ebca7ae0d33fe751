"""Chromium, in which many pages stand side by side, without the rules of their site, and tell what ran in them."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error, sync_playwright
from playwright.sync_api import Page as Tab

from crm.config import ROOT

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# Nothing but this machine is reached, and windows may open by themselves.
ARGUMENTS += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-popup-blocking"]
AT_ONCE = 12
PATIENCE_MS, SETTLE_MS = 8000, 60
# Runs before anything of a page, in every frame: hooks what vectors call, and stops what leads away from the page.
HOOKS = """(() => {
  const number = /^77\\d{7}$/;
  const seen = () => (window.top.fired ||= new Set());
  const note = (said) => { if (number.test(String(said))) { seen().add(String(said)); } };
  for (const name of ['alert', 'confirm', 'prompt', 'print']) { window[name] = (said) => { note(said); return true; }; }
  window.open = () => null;
  if (window === window.top) { window.addEventListener('message', (event) => note(event.data)); }
  const runs = (url) => /^(javascript|data):/i.test(String(url || '').replace(/^[\\x00-\\x20]+|[\\t\\r\\n]/g, ''));
  window.addEventListener('click', (event) => {
    const link = event.target.closest && event.target.closest('a,area');
    const to = link && (link.protocol !== undefined ? link.href : link.href && link.href.animVal);
    if (link && !runs(to)) { event.preventDefault(); }
  }, true);
  window.addEventListener('submit', (event) => {
    const button = event.submitter;
    const to = (button && button.getAttribute('formaction')) || event.target.getAttribute('action');
    if (!runs(to)) { event.preventDefault(); }
  }, true);
})();"""
# Shows the pages of those addresses, does to each element what a visitor could, and returns the numbers that ran.
SHOW = """async ([addresses, patience, settle]) => {
  window.fired = new Set();
  document.body.replaceChildren();
  const frames = addresses.map((address) => { const frame = document.createElement('iframe'); frame.src = address;
    frame.width = 1200; frame.height = 900; frame.style.display = 'none'; return frame; });
  const loaded = frames.map((frame) => new Promise((done) => { frame.onload = done; setTimeout(done, patience); }));
  document.body.append(...frames);
  await Promise.all(loaded);
  await new Promise((done) => setTimeout(done, settle));
  const acts = [['mouseenter', MouseEvent], ['mouseover', MouseEvent], ['pointerdown', PointerEvent],
    ['mousedown', MouseEvent], ['keydown', KeyboardEvent], ['focus', FocusEvent]];
  // Nothing is laid out, which would take most of the time; but these open only where they stand on a page.
  const plugged = frames.filter((frame) => frame.contentDocument?.querySelector('object,embed'));
  plugged.forEach((frame) => { frame.style.display = 'block'; });
  await new Promise((done) => setTimeout(done, plugged.length ? settle * 6 : 0));
  const met = 'a,area,button,summary,input,select,textarea,[tabindex],form';
  let elements = 0;
  for (const frame of frames) {
    let all = [];
    try { all = [...frame.contentDocument.querySelectorAll('*')]; } catch { continue; }
    elements += all.length;
    for (const element of all) {
      const handled = element.getAttributeNames().some((name) => name.startsWith('on'));
      if (!handled && !element.matches(met)) { continue; }
      for (const [name, Kind] of acts) {
        element.dispatchEvent(new Kind(name, {bubbles: name !== 'focus', cancelable: true}));
      }
      element.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
    }
  }
  await new Promise((done) => setTimeout(done, settle));
  return [[...window.fired], elements];
}"""
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


class Server(ThreadingHTTPServer):
    """Gives out the pages by number, with the headers of each, and the site's own files."""

    daemon_threads = True

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str]] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        kind, body = self.server.pages.get(path, ("", ""))
        content = body.encode(errors="replace")
        file = ROOT / "crm" / "static" / path.removeprefix("/static/").partition("/")[2]
        if not kind and path.startswith("/static/") and file.is_file():
            kind, content = TYPES.get(file.suffix, "application/octet-stream"), file.read_bytes()
        with suppress(ConnectionError):  # The page was left before it had come.
            self._send(kind, content, path)

    def _send(self, kind: str, content: bytes, path: str) -> None:
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", f"{kind or 'text/plain'}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=3600" if path.startswith("/static/") else "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


class Browser:
    """One tab of Chromium that shows pages side by side."""

    def __init__(self, tab: Tab, server: Server) -> None:
        self.tab, self.server, self.loads, self.elements = tab, server, 0, 0
        tab.on("dialog", lambda dialog: dialog.dismiss())

    def run(self, pages: Sequence[tuple[str, str]]) -> set[int]:
        """Show these pages (type, body) and return the numbers that ran."""
        fired: set[int] = set()
        for start in range(0, len(pages), AT_ONCE):
            fired |= self._show(pages[start : start + AT_ONCE])
        return fired

    def _show(self, pages: Sequence[tuple[str, str]]) -> set[int]:
        self.server.pages = {f"/shown/{self.loads + place}": page for place, page in enumerate(pages)}
        self.server.pages["/"] = ("text/html", "<!doctype html><title>x</title><body>")
        self.loads += len(pages)
        addresses = [address for address in self.server.pages if address != "/"]
        try:
            found, elements = self.tab.evaluate(SHOW, [addresses, PATIENCE_MS, SETTLE_MS])
        except Error:  # A page got away with the tab, or it fell over: once more, each alone.
            self.tab.goto(self.server.url)
            if len(pages) == 1:
                raise
            return set().union(*(self._show([page]) for page in pages))
        self.elements += int(elements)
        return {int(number) for number in found}


@contextmanager
def browser() -> Iterator[Browser]:
    """Yield a tab of Chromium; raises FileNotFoundError where there is no Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise FileNotFoundError("install Chromium (Debian's package chromium)")
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        try:
            tab = program.new_context().new_page()
            tab.add_init_script(HOOKS)
            server.pages["/"] = ("text/html", "<!doctype html><title>x</title><body>")
            tab.goto(server.url)
            yield Browser(tab, server)
        finally:
            program.close()
            server.shutdown()
