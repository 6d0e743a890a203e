"""Visitors without a browser: each speaks Streamlit's protocol, presses Play and asks the feed as a page does."""

from __future__ import annotations

import asyncio
import json
import re
import struct
import urllib.request
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

QUERY = "latent.source=Train+here&latent.form.epochs=2&latent.form.seed={}"
PATIENCE = 300  # seconds for a run, its time in the queue included
WORDS = ("Finished", "Stopped", "Failed")


@dataclass
class Visit:
    """Hold what became of a visitor: `end` is what the status of their run said last, `errors` what went wrong."""

    end: str = ""
    errors: list[str] = field(default_factory=list)
    _play: str = ""
    _feed: str = ""
    _hash: str = ""

    def read(self, message: ForwardMsg) -> bool:
        """Take in a message of the server; tell whether the script has ended."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._feed = ""
        if kind == "navigation":
            self._hash = message.navigation.page_script_hash
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(message.delta.new_element)
        return kind == "script_finished" and message.script_finished in (0, 3)

    def _element(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(element.exception.message[:120])
        if kind == "button" and element.button.help == "Play":
            self._play = element.button.id
        if kind == "bidi_component" and element.bidi_component.WhichOneof("data") == "json":
            data = json.loads(element.bidi_component.json)
            if isinstance(data, dict) and data.get("live"):
                self._feed = data["live"]["feed"]
            self.note(element.bidi_component.id, data)

    def note(self, name: str, data: Any) -> None:
        """Keep what the run's status says."""
        if "latent.panel.status" in name and isinstance(data, dict):
            self.end = unescape(re.sub("<[^>]*>", "", data["html"]))

    def rerun(self, query: str, press: bool = False) -> bytes:
        """Return the message that runs the script again."""
        back = BackMsg()
        back.rerun_script.query_string, back.rerun_script.page_name = query, "latent"
        if self._hash:
            back.rerun_script.page_script_hash = self._hash
        if press:
            widget = back.rerun_script.widget_states.widgets.add()
            widget.id, widget.trigger_value = self._play, True
        return back.SerializeToString()

    async def watch(self, url: str) -> None:
        """Ask the feed until it says that no more comes."""
        since, going = 0, bool(self._feed)
        while going:
            await asyncio.sleep(0.4)
            answer = await asyncio.to_thread(_fetch, f"{url}/{self._feed}?since={since}")
            since, going = answer.pop("stamp"), answer.pop("going")
            for name, data in answer.items():
                self.note(name, data)


def _fetch(address: str) -> dict[str, Any]:
    """Return a feed's answer: its stamp, whether it goes on, and the elements that are told mappings."""
    with urllib.request.urlopen(address, timeout=60) as reply:
        content = reply.read()
    (length,) = struct.unpack_from("<I", content)
    head, end = json.loads(content[4 : 4 + length]), 4 + length
    found = {"stamp": head["stamp"], "going": head["going"]}
    for name, size, is_bytes in head["elements"]:
        if not is_bytes:
            found[name] = json.loads(content[end : end + size])
        end += size
    return found


async def _visit(url: str, number: int) -> Visit:
    visit = Visit()
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    query = QUERY.format(number)
    try:
        async with asyncio.timeout(PATIENCE):
            async with websockets.connect(
                address, subprotocols=["streamlit"], max_size=None, open_timeout=60
            ) as socket:
                for press in (False, True):
                    await socket.send(visit.rerun(query, press))
                    while not visit.read(_parsed(await socket.recv())):
                        pass
                await visit.watch(url)
                await socket.send(visit.rerun(query))
                while not visit.read(_parsed(await socket.recv())):
                    pass
    except (TimeoutError, OSError, websockets.WebSocketException) as error:
        visit.errors.append(f"{type(error).__name__}: {error}"[:120])
    return visit


def _parsed(content: bytes | str) -> ForwardMsg:
    message = ForwardMsg()
    if isinstance(content, bytes):
        message.ParseFromString(content)
    return message


def visit(url: str, count: int) -> list[Visit]:
    """Have so many visitors train at once; return what became of each."""

    async def together() -> list[Visit]:
        return list(await asyncio.gather(*(_visit(url, number) for number in range(count))))

    return asyncio.run(together())
