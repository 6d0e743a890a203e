"""Pictures by their content: a page names them, and the browser fetches each once and scrubs from its cache."""

from __future__ import annotations

import io
from collections import OrderedDict
from hashlib import sha256
from threading import Lock

import numpy as np
import numpy.typing as npt
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response

MOST_BYTES = 256e6  # of all pictures kept; the ones longest unused go first
PATH = "picture-"

Pixels = npt.NDArray[np.uint8]  # (height, width) grey or (height, width, 3)


class Pictures:
    """Keep PNG files by the hash of their pixels."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()  # sessions publish while the server's threads answer

    def publish(self, pixels: Pixels) -> str:
        """Keep a picture and return its file name."""
        pixels = np.ascontiguousarray(pixels)
        name = f"{PATH}{sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()[:32]}.png"
        with self._lock:
            if name in self._files:
                self._files.move_to_end(name)
                return name
        file = png(pixels)
        with self._lock:
            if name not in self._files:
                self._bytes += len(file)
            self._files[name] = file
            while self._bytes > MOST_BYTES:
                _, oldest = self._files.popitem(last=False)
                self._bytes -= len(oldest)
        return name

    def get(self, name: str) -> bytes | None:
        """Return a file, or None for one that is not there (any more)."""
        with self._lock:
            return self._files.get(name)


PICTURES = Pictures()  # the server's; a name is known to who knows the pixels


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


def serve_picture(request: Request) -> Response:
    """Answer with a picture; its name is its content, so that a browser may keep it for good."""
    file = PICTURES.get(f"{PATH}{request.path_params['name']}.png")
    if file is None:
        return Response("This picture is no longer kept; reload the page.", 404)
    return Response(file, media_type="image/png", headers={"Cache-Control": "private, max-age=86400, immutable"})
