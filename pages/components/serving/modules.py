"""The scripts of all components, which the browser loads once, as the modules they are.

Streamlit sends a component's inline script with every message, so that is a short loader; the modules themselves lie
under one prefix, named by the content of them all, and so import each other by relative paths.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response

_COMPONENTS = Path(__file__).parents[1]
PATH = "modules-"

# A component may be unmounted before its script has come: then it is never begun. The modules lie beside the page.
_LOADER = """
const script = import(new URL("NAME", document.baseURI).href);
export default function (component) {
  let end = null;
  let over = false;
  script.then(
    (module) => { if (!over) end = module.default(component); },
    () => component.parentElement.replaceChildren("This part could not be loaded; reload the page."),
  );
  return () => { over = true; end?.(); };
}
"""


def component(folder: str, *, isolate_styles: bool = True) -> Any:
    """Return what mounts the component of this folder: its modules, and style.css where it has one.

    Streamlit puts a component into a shadow root, so that styles of page and component leave each other alone, unless
    `isolate_styles` is False.
    """
    style = _COMPONENTS / folder / "style.css"
    css = style.read_text("utf-8") if style.exists() else None
    return st.components.v2.component(folder, css=css, js=module(folder), isolate_styles=isolate_styles)


def module(component: str) -> str:
    """Return the short `js` of the component in the folder `component`, which loads its index.js once."""
    return _LOADER.replace("NAME", name_of(component))


def name_of(component: str) -> str:
    """Return by which name the browser finds a component's index.js beside the page."""
    return f"{PATH}{_version()}/{component}/index.js"


def serve_module(request: Request) -> Response:
    """Answer with a module; its prefix is the content of all, so that a browser may keep it for good."""
    content = _modules().get(request.path_params["name"])
    if content is None or request.path_params["version"] != _version():
        return Response("These scripts are of another version; reload the page.", 404)
    return Response(
        content, media_type="text/javascript", headers={"Cache-Control": "public, max-age=86400, immutable"}
    )


@cache
def _modules() -> dict[str, bytes]:
    """Return every component's scripts by their paths, which other parts of a checkout have no place among."""
    found = sorted(_COMPONENTS.glob("*/*.js"))
    return {path.relative_to(_COMPONENTS).as_posix(): path.read_bytes() for path in found if ".test" not in path.name}


@cache
def _version() -> str:
    digest = sha256()
    for name, content in _modules().items():
        digest.update(name.encode() + content)
    return digest.hexdigest()[:16]
