"""What a code decodes to, computed in the browser as fast as the pointer moves.

The browser fetches the decoder once (`engine.latent.views.portable`) and follows a probe: where a `live_figure` says
that the pointer and its handle are. Python is told only when a person lets go.

The decoder is the model's at its end. While a timeline is at an earlier step it shows what is known of that step: the
nearest cell of its manifold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import streamlit as st

from pages.components.live import Live, now, told
from pages.components.serving.modules import component

Place = tuple[float, float]

_mount = component("decoded_view")


@dataclass(frozen=True)
class Manifolds:
    """Hold the manifolds of a history, for the steps of the timeline `link`.

    `pictures` are their files, `captions` say of which step each is. A cell lies at centre + spread · quantile along
    both axes of the figure, where `moments` has the centres and the spreads (4 numbers) at each step; of one latent
    dimension the cells lie along one axis, in reading order.
    """

    link: str
    pictures: Sequence[str]
    captions: Sequence[str]
    quantiles: Sequence[float]
    moments: Sequence[Sequence[float]]
    latent_size: int


def decoded_view(
    file: str | Callable[[], str | None],
    *,
    key: str,
    probe: str,
    place: Place,
    alt: str,
    on_rest: Callable[[float, float], None],
    label: int | None = None,
    side: int = 170,
    manifolds: Manifolds | Callable[[], Manifolds] | None = None,
    live: Live | None = None,
) -> None:
    """Show what the code at the probe decodes to, on `side` pixels at most, and the code's numbers below it.

    `file` is the published decoder, `place` where the handle is at first, `label` what a conditional decoder is told.
    When a person lets go of the handle, `on_rest(x, y)` is called before the rerun. File and manifolds of a training
    that goes on are functions, which `live` calls again; without a file there is nothing to see.
    """

    def message() -> dict[str, Any]:
        decoder = file() if callable(file) else file
        shown = now(manifolds)
        return {
            "file": decoder, "probe": probe, "label": label, "side": side, "alt": alt, "place": list(place),
            "manifolds": asdict(shown) if shown else None, "hidden": decoder is None,
        }  # fmt: skip

    _mount(key=key, data=told(live, key, message), on_rested_change=partial(_rested, key, on_rest))


def _rested(key: str, on_rest: Callable[[float, float], None]) -> None:
    """Pass on where the handle was left, if the message makes sense."""
    message: Any = st.session_state[key].get("rested")
    at = [message.get(axis) for axis in ("x", "y")] if isinstance(message, dict) else []
    place = [float(value) for value in at if isinstance(value, int | float) and math.isfinite(value)]
    if len(place) == 2:
        on_rest(place[0], place[1])
