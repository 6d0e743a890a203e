"""Figures of a history whose steps are not drawn ahead: the browser asks for the one that its timeline is at."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4
from weakref import WeakValueDictionary

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response

PATH = "step-"
_STEPS: WeakValueDictionary[str, StepFigures] = WeakValueDictionary()  # by a secret token, as long as their page


class StepFigures:
    """Make the message of a figure at each step of a history, up to the `last`, in the server's thread."""

    def __init__(self, make: Callable[[int], bytes], last: int) -> None:
        self.make, self.last = make, last


def offer_steps(key: str, figures: StepFigures) -> str:
    """Let this visitor's browser ask for the steps of the figure `key`; return the name by which it does."""
    token: str = st.session_state.setdefault(f"{key}.token", uuid4().hex)
    st.session_state[f"{key}.steps"] = figures  # which keeps them for as long as the session
    _STEPS[token] = figures
    return PATH + token


def serve_step(request: Request) -> Response:
    """Answer with the message of one step; without a number, of the last."""
    figures = _STEPS.get(request.path_params["token"])
    if figures is None:
        return Response("This figure is no longer kept; reload the page.", 404)
    asked = request.query_params.get("step", "")
    step = min(int(asked), figures.last) if asked.isdecimal() else figures.last
    return Response(figures.make(step), media_type="application/octet-stream", headers={"Cache-Control": "no-store"})
