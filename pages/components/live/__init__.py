"""Elements of a page that follow a training by themselves: the browser asks a feed, and no script reruns.

A tab draws its elements once, each from a function that says what it shows now. While a run goes on the browser asks
the feed of the tab for what has changed since, and the functions are called again, by the server and not in a script:
they read the run, but neither session state nor the address. The script itself runs again only when a person acts or
a run changes its state, which an element that is not to be seen (`follow`) tells it.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

import orjson
import streamlit as st
from starlette.requests import Request
from starlette.responses import Response

from pages.components.serving.modules import component

if TYPE_CHECKING:
    from engine.training import Run  # the routes stand before a page has loaded torch

PATH = "live-"
EVERY_SECONDS = 0.4  # between two questions of a page

T = TypeVar("T")
Message = bytes | dict[str, Any]  # what a component is told; with "hidden" it is taken out of the page
M = TypeVar("M", bytes, dict[str, Any])
Reference = dict[str, Any]  # where a component asks: feed, element, every (ms), stamp
_LIVES: WeakValueDictionary[str, Live] = WeakValueDictionary()  # by a secret token, as long as their page


def now(value: T | Callable[[], T]) -> T:
    """Return a value as it is now, which may have been given as a function."""
    return value() if callable(value) else value


class Live:
    """Follow `runs` for the elements of one tab; `token` is a secret between the server and this page.

    `also_going` tells whether more may come though no run goes on, `before` is called ahead of each answer.
    """

    def __init__(
        self,
        token: str,
        runs: Sequence[Run],
        every: float = EVERY_SECONDS,
        also_going: Callable[[], bool] | None = None,
        before: Callable[[], None] | None = None,
    ) -> None:
        self.token, self.runs, self.every = token, tuple(runs), every
        self._also_going, self._before = also_going, before
        self._elements: dict[str, _Element] = {}
        self._answered: Hashable = None  # the version of the runs that all elements are of
        self._lock = Lock()

    def add(self, name: str, make: Callable[[Reference], M]) -> M:
        """Have an element follow; return its message now. `make` is told where its component is to ask."""
        stamp = _stamp()
        reference = {"feed": PATH + self.token, "element": name, "every": round(1000 * self.every), "stamp": stamp}
        message = make(reference)
        with self._lock:
            self._elements[name] = _Element(partial(make, reference), _digest(message), stamp)
            self._answered = None
        return message

    @property
    def is_going(self) -> bool:
        """Tell whether more may come without a command."""
        return any(not run.settled for run in self.runs) or bool(self._also_going and self._also_going())

    @property
    def state(self) -> str:
        """Name what the page's buttons depend on; it changes when a run begins, pauses or ends."""
        goes_on = bool(self._also_going and self._also_going())
        kinds = ("going" if goes_on and not run.over else _kind_of(run) for run in self.runs)
        return " ".join(f"{run.id}-{run.attempt}-{kind}" for run, kind in zip(self.runs, kinds, strict=True))

    def answer(self, since: int) -> bytes:
        """Return what a page is told that has all messages up to the stamp `since`."""
        for run in self.runs:
            run.touch()
        with self._lock:  # one page asks one question at a time
            if self._before:
                self._before()
            going = self.is_going  # first: what comes after is then asked for once more
            version = tuple(map(_version, self.runs))
            stamp = _stamp()
            if version != self._answered or self._also_going:
                for element in self._elements.values():
                    element.look(stamp)
                self._answered = version
            changed = {name: one.message for name, one in self._elements.items() if one.stamp > since and one.message}
        parts = [message if isinstance(message, bytes) else orjson.dumps(message) for message in changed.values()]
        kinds = [isinstance(message, bytes) for message in changed.values()]
        named = list(zip(changed, map(len, parts), kinds, strict=True))
        head = orjson.dumps({"stamp": stamp, "going": going, "elements": named})
        return struct.pack("<I", len(head)) + head + b"".join(parts)


class _Element:
    """Hold how an element's message is made, its last one that came by the feed, and when that had changed."""

    def __init__(self, make: Callable[[], Message], digest: bytes, stamp: int) -> None:
        self.make, self.stamp = make, stamp
        self.message: Message | None = None
        self._digest = digest

    def look(self, stamp: int) -> None:
        message = self.make()
        digest = _digest(message)
        if digest != self._digest:
            self.message, self._digest, self.stamp = message, digest, stamp


def follow(
    key: str,
    *runs: Run | None,
    every: float = EVERY_SECONDS,
    also_going: Callable[[], bool] | None = None,
    before: Callable[[], None] | None = None,
) -> Live | None:
    """Begin a tab that follows `runs`; return what its elements are given, or None where nothing goes on.

    The script runs again when the state of a run is no longer the one that the page was drawn with.
    """
    token: str = st.session_state.setdefault(f"{key}.token", uuid4().hex)
    live = Live(token, [run for run in runs if run is not None], every, also_going, before)
    if not live.is_going:
        return None  # the last one stays, to tell a page that still asks that this is all
    st.session_state[f"{key}.live"] = live  # which keeps it for as long as the session and the tab
    _LIVES[token] = live
    drawn = live.state
    data = told(live, f"live-state.{key}", lambda: {"state": live.state, "drawn": drawn})
    _mount(key=f"live-state.{key}", data=data, on_state_change=lambda: None)
    return live


def told(live: Live | None, key: str, make: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """Return the data of a component that is told a mapping: what it shows now and, if `live`, where it asks."""
    if live is None:
        return dict(make())
    return live.add(key, lambda reference: {**make(), "live": reference})


def serve_live(request: Request) -> Response:
    """Answer a page that knows the token with what has changed since a stamp."""
    live = _LIVES.get(request.path_params["token"])
    since = request.query_params.get("since", "0")
    if live is None or not since.isdecimal():
        return Response("This page is no longer followed; reload it.", 404)
    return Response(
        live.answer(int(since)), media_type="application/octet-stream", headers={"Cache-Control": "no-store"}
    )


def _stamp() -> int:
    return time.time_ns() // 1000  # so that it also grows across a restart of the server


def _digest(message: Message) -> bytes:
    # The first eight bytes of a figure are its time.
    content = message[8:] if isinstance(message, bytes) else orjson.dumps(message)
    return blake2b(content, digest_size=16).digest()


def _kind_of(run: Run) -> str:
    return "going" if run.status in ("queued", "running") else run.status


def _version(run: Run) -> Hashable:
    """Return what changes whenever anything that a page shows of a run does."""
    latest = run.latest
    rates = run.examples_per_second, run.steps_per_second
    return run.id, run.attempt, run.status, run.place, run.settled, run.refused, latest and latest.step, rates


_mount = component("live")
