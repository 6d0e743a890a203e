"""Files by their content: a page names them, and the browser fetches each once and keeps it.

Pictures and packed arrays reach a component so, instead of with every message to it; scripts have `modules`.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from threading import Lock

from starlette.requests import Request
from starlette.responses import Response

MOST_BYTES = 256e6  # of all files kept; the longest unused go first, but no script, since none is published twice
PATH = "file-"
TYPES = {"png": "image/png", "js": "text/javascript", "bin": "application/octet-stream"}


class Files:
    """Keep files by the hash of their content."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()  # sessions publish while the server's threads answer

    def publish(self, content: bytes, suffix: str) -> str:
        """Keep a file and return its name, which the browser finds beside the page; `suffix` is one of TYPES."""
        name = self.name(content, suffix)
        self.keep(name, content)
        return name

    @staticmethod
    def name(content: bytes, suffix: str) -> str:
        """Return the name of a file with this content."""
        return f"{PATH}{sha256(content).hexdigest()[:32]}.{suffix}"

    def has(self, name: str) -> bool:
        """Tell whether a file is kept, and count that as a use."""
        with self._lock:
            if name in self._files:
                self._files.move_to_end(name)
                return True
            return False

    def keep(self, name: str, content: bytes) -> None:
        """Keep `content` under a name that says what it is."""
        with self._lock:
            if name not in self._files:
                self._bytes += len(content)
            self._files[name] = content
            self._files.move_to_end(name)
            while self._bytes > MOST_BYTES:
                oldest = next((one for one in self._files if not one.endswith(".js") and one != name), None)
                if oldest is None:
                    break
                self._bytes -= len(self._files.pop(oldest))

    def get(self, name: str) -> bytes | None:
        """Return a file, or None for one that is not there (any more)."""
        with self._lock:
            return self._files.get(name)


FILES = Files()  # the server's; a name is known to who knows the content


def serve_file(request: Request) -> Response:
    """Answer with a file; its name is its content, so that a browser may keep it for good."""
    name = f"{PATH}{request.path_params['name']}"
    content, kind = FILES.get(name), TYPES.get(name.rpartition(".")[2])
    if content is None or kind is None:
        return Response("This file is no longer kept; reload the page.", 404)
    return Response(content, media_type=kind, headers={"Cache-Control": "private, max-age=86400, immutable"})
