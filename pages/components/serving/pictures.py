"""Pictures as files that the browser fetches by their content, and histories as animations."""

from __future__ import annotations

import io
from hashlib import sha256
from weakref import ref

import numpy as np
import numpy.typing as npt
from PIL import Image

from pages.components.serving.files import FILES, PATH, Files

Pixels = npt.NDArray[np.uint8]  # (height, width) grey or (height, width, 3)


def publish_picture(pixels: Pixels, files: Files = FILES) -> str:
    """Keep a picture and return its file name; one that is known by its pixels is not packed again."""
    name = _name_of(pixels)
    if not files.has(name):
        files.keep(name, png(np.ascontiguousarray(pixels)))
    return name


_NAMES: dict[int, tuple[ref[Pixels], str]] = {}  # of arrays that live: a history is named again at every look


def _name_of(pixels: Pixels) -> str:
    known = _NAMES.get(id(pixels))
    if known is not None and known[0]() is pixels:
        return known[1]
    packed = np.ascontiguousarray(pixels)
    name = f"{PATH}{sha256(repr(packed.shape).encode() + packed.tobytes()).hexdigest()[:32]}.png"
    if not pixels.flags.writeable:
        number = id(pixels)
        _NAMES[number] = ref(pixels, lambda _: _NAMES.pop(number, None)), name
    return name


def png(pixels: Pixels) -> bytes:
    """Return the pixels as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png", compress_level=1)  # local pages wait for the server, not the wire
    return buffer.getvalue()


def animation(frames: list[Pixels], seconds: float = 6.0) -> bytes:
    """Return an animated GIF of grey `frames` that lasts about `seconds`, the last held for one more."""
    pages = [Image.fromarray(frame) for frame in frames]
    each = max(40, round(1000 * seconds / len(pages)))
    buffer = io.BytesIO()
    durations = [each] * (len(pages) - 1) + [each + 1000]
    pages[0].save(buffer, "gif", save_all=True, append_images=pages[1:], duration=durations, loop=0)
    return buffer.getvalue()
