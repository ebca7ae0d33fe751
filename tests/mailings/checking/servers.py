"""Small web servers on loopback that answer as told, for tests of looking at links."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str]]


class Site:
    """A site whose pages are given as {path: (code, headers)}, or a function of (method, path); `asked` is what came.

    An answer of None breaks the line off.
    """

    def __init__(self, pages: dict[str, Any] | Callable[[str, str], Answer | None]) -> None:
        self.asked: list[tuple[str, str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.command, self.path, self.headers.get("Host", "")))
                found = pages(self.command, self.path) if callable(pages) else pages.get(self.path, (404, {}))
                if found is None:
                    self.connection.close()
                    return
                code, headers = found
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def do_HEAD(self) -> None:
                self.do_GET()

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> "Site":
        self.thread.start()
        return self

    def __exit__(self, *_args: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
