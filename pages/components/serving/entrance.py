"""What a browser gets when it opens a page: Streamlit's frame with our script and style, at today's address."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit import config, file_util

_HERE = Path(__file__).parent
_OF_POINTS = ("data", "n", "noise", "seed", "points", "starts")
_OF_IMAGES = ("data", "source", "patience", "device")


def _moved(tab: str, **of: tuple[str, ...]) -> dict[str, str]:
    return {"tab": f"{tab}.tab"} | {name: f"{key}.{name}" for key, names in of.items() for name in names}


# By page, parameters of older links, without the name of a lab or with another's, and what they are called now.
MOVED = {
    "density": _moved("density", density=_OF_POINTS),
    "divergence": _moved("divergence", fits=_OF_POINTS),
    "latent": _moved("latent", latent=("digit",)) | {name: f"latent.points.{name}" for name in _OF_POINTS},
    "style_transfer": _moved("style", style=("digit",))
    | {f"latent.{name}": f"style.model.{name}" for name in _OF_IMAGES},
    "adversarial": _moved("gan", game=_OF_POINTS),
}


def serve_entrance(request: Request) -> Response:
    """Answer with the frame of all pages; lead an address of before to that of today."""
    page = request.url.path.rpartition("/")[2]
    given = parse_qsl(request.url.query, keep_blank_values=True)
    moved = MOVED.get(page, {})
    if any(name in moved for name, _ in given):
        return RedirectResponse(f"{page}?{urlencode([(moved.get(name, name), text) for name, text in given])}")
    return HTMLResponse(_frame(), headers={"Cache-Control": "no-cache"})


@cache
def _frame() -> str:
    """Return Streamlit's page, with our script of the history and our style before its own."""
    page = Path(file_util.get_static_dir(), "index.html").read_text("utf-8")
    script = (_HERE / "history.js").read_text("utf-8")
    style = (_HERE / "frame.css").read_text("utf-8")
    return page.replace("<head>", f"<head>\n<script>\n{script}</script>\n<style>\n{style}</style>", 1)


def _home() -> str:
    base = str(config.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}/" if base else "/"


ENTRANCES = [Route(_home(), serve_entrance), *(Route(f"/{{prefix:path}}{page}", serve_entrance) for page in MOVED)]
