"""A site at an address of its own, and a page of the browser that keeps what goes wrong on it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


DRAWN = """async () => {
  await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const moving = document.getAnimations().filter(each => each.effect.getComputedTiming().endTime < Infinity);
  await Promise.allSettled(moving.map(each => each.finished));
}"""
"""Two frames, so that the page is laid out and drawn, and what moves then has come to its place."""


class Visitor:
    """A page of the browser that keeps what goes wrong."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self.address = address
        self.wrong: list[str] = []
        self._context = browser.new_context(**context)
        self._scripts = context.get("java_script_enabled", True)
        self._context.set_default_timeout(180_000)  # ms; a busy machine takes 30 s to read a long page
        self.page: Page = self._context.new_page()
        self.page.on("console", lambda message: self._note(message.type in ("error", "warning"), message.text))
        self.page.on("pageerror", lambda error: self._note(True, str(error)))
        self.page.on("request", lambda request: self._note(not self._own(request.url), f"asks for {request.url}"))
        self.page.on("response", lambda answer: self._note(answer.status >= 400, f"{answer.status} {answer.url}"))

    def _own(self, url: str) -> bool:
        return url.startswith((self.address, "data:", "blob:"))

    def _note(self, bad: bool, what: str) -> None:
        if bad:
            self.wrong.append(what)

    def go(self, path: str) -> Page:
        """The page as a reader sees it: read to its end, its scripts run, laid out and drawn.

        A quiet network alone is no sign of that: while a busy machine reads a long page, half a second passes without
        a request, and "networkidle" has come before the page's second half and its scripts.
        """
        self.page.goto(f"{self.address}/{path}", wait_until="load")
        self.page.wait_for_load_state("networkidle")
        self._drawn()
        return self.page

    def resize(self, size: Any) -> None:
        """The window with another width and height, and the page laid out and drawn in it."""
        self.page.set_viewport_size(size)
        self._drawn()

    def _drawn(self) -> None:
        if self._scripts:  # without them no frame is told of
            self.page.evaluate(DRAWN)

    def close(self) -> None:
        self._context.close()
