"""Feeds: names that become more while something goes on, for which a component in the browser asks by itself.

A message to a component has the whole page looked at again, which at several a second leaves a slow browser little
time to draw. An answer of a few names does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any
from weakref import ref

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

PATH = "feed-"
Read = Callable[[Any], tuple[Sequence[str], bool]]  # owner → all names so far, whether more may come


class Feeds:
    """Keep feeds by a secret token for as long as their owner lives."""

    def __init__(self) -> None:
        self._feeds: dict[str, tuple[ref[Any], Read]] = {}
        self._lock = Lock()

    def offer(self, token: str, owner: object, read: Read) -> str:
        """Let who knows `token` ask for `read(owner)`; return the name by which a page asks."""
        with self._lock:
            self._feeds = {name: feed for name, feed in self._feeds.items() if feed[0]() is not None}
            self._feeds[token] = (ref(owner), read)
        return PATH + token

    def read(self, token: str) -> tuple[Sequence[str], bool] | None:
        """Return what a feed has now, or None where there is none (any more)."""
        with self._lock:
            owner, read = self._feeds.get(token, (lambda: None, None))
        alive = owner()
        return None if alive is None or read is None else read(alive)


FEEDS = Feeds()


def serve_feed(request: Request) -> Response:
    """Answer with the names from number `since` on, and whether more may come."""
    found = FEEDS.read(request.path_params["token"])
    since = request.query_params.get("since", "0")
    if found is None or not since.isdecimal():
        return Response("This feed has ended.", 404)
    names, going = found
    return JSONResponse({"names": list(names[int(since) :]), "going": going}, headers={"Cache-Control": "no-store"})
