"""Serve plotly.js from the plotly package, so that figures work without the internet."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

PLOTLY_FILE = f"plotly-{version('plotly')}.min.js"  # named by version, so a browser may keep it for good


@cache
def _plotly_source(compressed: bool) -> bytes:
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The plotly package is not installed.")
    source = (Path(spec.origin).parent / "package_data" / "plotly.min.js").read_bytes()
    return gzip.compress(source, compresslevel=6) if compressed else source


def serve_plotly(request: Request) -> Response:
    """Answer with plotly.js, compressed once for all visitors; Starlette runs this in a thread of its own."""
    compressed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if compressed:
        headers["Content-Encoding"] = "gzip"
    return Response(_plotly_source(compressed), media_type="text/javascript", headers=headers)
