"""The adversarial game in the plane on a canvas: a history of packed snapshots that follows a timeline.

Each snapshot's arrays are one file that the browser fetches once, so that a history scrubs without the server and a
live message brings names only. While a run goes on the browser asks for new names by itself (see `feeds`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st

from engine.grid import Array, Domain
from engine.plots import style
from engine.training import Run, Snapshot
from pages.components.serving import address
from pages.components.serving.feeds import FEEDS
from pages.components.serving.files import FILES, PATH, Files
from pages.components.serving.modules import component

FIELDS = ("field", "optimal", "gap", "none")  # behind the points: D, the optimal D*, D − D*, nothing
LAYERS = ("real", "generated", "manifold", "arrows", "boundary")
NONE = "none"  # no layer, in the address
DEFAULT = ("field", "real", "generated", "manifold", "boundary")
ARRAYS = ("field", "optimal", "generated", "manifold", "arrows")  # views that are drawn, where a snapshot has them
MOST_REAL = 1000  # data points drawn

_mount = component("game_view")


@dataclass(frozen=True, eq=False)
class Scene:
    """Hold what stays the same through a history.

    `domain` is the part of the plane on show; `real` (n, 2) the data; `noise` (m, d) what `generated` was made from,
    row by row, and `noise_grid` (cells + 1, cells + 1, d) what `manifold` was (both for the morph; None has none).
    `gives_probability` tells whether the field is D(x) in [0, 1], centred on ½, or a critic's value.
    """

    domain: Domain
    real: Array
    noise: Array | None = None
    noise_grid: Array | None = None
    gives_probability: bool = True


def game_view(
    snapshots: Sequence[Snapshot],
    scene: Scene,
    *,
    key: str,
    alt: str,
    height: int = 520,
    link: str | None = None,
    prefix: str = "",
    layers: str = "game.layers",
    file_name: str = "game",
    space: str | None = None,
    live: Run | None = None,
    also_going: Callable[[], bool] = lambda: False,
) -> None:
    """Show the game at the step of the timeline with this `link`, or at the last of `snapshots`; none is the scene.

    Of every snapshot it draws the views named `prefix` + one of ARRAYS (see `adversarial.views.plane` for shapes).
    `height` in pixels bounds the picture, which is as wide as its column at most. A person chooses layers in the
    browser; the query parameter `layers` keeps the choice, and views that share it show the same ones. `alt` says
    what is to be seen, `file_name` (no suffix) names a download. `space` is the CSS selector of a button that the
    space bar presses, where it does nothing else. The picture follows a run that is `live`, and goes on while
    `also_going`.
    """
    shown = address.read(layers)
    chosen = tuple(name for name in shown.split(".") if name in (*FIELDS, *LAYERS)) if shown else DEFAULT
    options = {
        "frames": " ".join(frame_name(snapshot, prefix) for snapshot in snapshots),
        "scene": _publish(_scene_arrays(scene)),
        "domain": scene.domain,
        "probability": scene.gives_probability,
        "layers": list(chosen),
        "colours": {name: [colour, style.DARK[colour]] for name, colour in _COLOURS.items()},
        "alt": alt, "height": height, "link": link, "file": file_name, "path": PATH,
        "space": space, **_feed(live, prefix, also_going),
    }  # fmt: skip
    _mount(key=key, data=options, on_layers_change=partial(_choose, key, layers))


def _feed(run: Run | None, prefix: str, also_going: Callable[[], bool]) -> dict[str, Any]:
    if run is None:
        return {"history": None, "feed": None}
    token = f"{run.id}-{run.attempt}-{prefix}"  # what was there before a reset is another history
    name = FEEDS.offer(token, run, partial(_names_of, prefix=prefix, also_going=also_going))
    return {"history": token, "feed": None if run.settled and not also_going() else name}


def _names_of(run: Run, prefix: str, also_going: Callable[[], bool]) -> tuple[list[str], bool]:
    going = not run.settled or also_going()
    return [frame_name(snapshot, prefix) for snapshot in run.snapshots], going


_COLOURS = {"data": style.DATA, "model": style.MODEL, "truth": style.TRUTH}
_NAMES: WeakKeyDictionary[Snapshot, dict[str, str]] = WeakKeyDictionary()


def frame_name(snapshot: Snapshot, prefix: str = "", files: Files = FILES) -> str:
    """Return the short name of a snapshot's file, packing and publishing it the first time."""
    names = _NAMES.setdefault(snapshot, {})
    if prefix not in names or not files.has(_file(names[prefix])):
        found = {name: snapshot.views[prefix + name] for name in ARRAYS if prefix + name in snapshot.views}
        names[prefix] = _publish(found, files)
    return names[prefix]


def pack(arrays: Mapping[str, Array]) -> bytes:
    """Return what the browser unpacks: the length of a JSON head (uint32), the head, the arrays as float32.

    The head has each array's first number and its shape; it is padded so that the numbers begin at a multiple of 4.
    """
    head: dict[str, Any] = {}
    start = 0
    for name, array in arrays.items():
        head[name] = [start, array.shape]
        start += array.size
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 4)
    numbers = b"".join(np.ascontiguousarray(array, "<f4").tobytes() for array in arrays.values())
    return np.array(len(text), "<u4").tobytes() + text + numbers


def _publish(arrays: Mapping[str, Array], files: Files = FILES) -> str:
    content = pack(arrays)
    name = sha256(content).hexdigest()[:20]  # a message names hundreds
    files.keep(_file(name), content)
    return name


def _file(name: str) -> str:
    return f"{PATH}{name}.bin"


def _scene_arrays(scene: Scene) -> dict[str, Array]:
    arrays = {"real": scene.real[:MOST_REAL], "noise": scene.noise, "grid": scene.noise_grid}
    return {name: array for name, array in arrays.items() if array is not None}


def _choose(key: str, parameter: str) -> None:
    """Keep the layers that a person has chosen in the address."""
    message = st.session_state[key].get("layers")
    if not isinstance(message, list):
        return
    chosen = [name for name in message if name in (*FIELDS, *LAYERS)]
    address.write(parameter, None if tuple(chosen) == DEFAULT else ".".join(chosen) or NONE)
