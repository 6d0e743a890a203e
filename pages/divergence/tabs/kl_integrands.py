"""Why one KL divergence covers all modes and the other picks one: densities, integrands and both landscapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import partial

import numpy as np
import streamlit as st

from engine.divergence import MEASURES, Integrands, Landscape, Optimum, gaussian_landscape, kl_integrands
from engine.divergence.targets import MixtureTarget
from engine.evaluation.glossary import PICKS_BEYOND
from engine.grid import Grid
from engine.plots.divergence import TIE, integrands_figure, landscape_figure
from engine.plots.numbers import amount, written
from pages.components.live_figure import Handle, live_figure
from pages.shared.controls import BOUND

# Wide enough for 99.9 % of every q that the sliders allow, and finer than the narrowest.
GRID = Grid.over(((-20.0, 20.0),), 800)
WINDOW = (-6.5, 6.5)
MEANS, WIDTHS = (-5.0, 5.0), (0.15, 4.5)
CELLS = (101, 73)
NAMES = {"kl": "KL(p‖q)", "reverse_kl": "KL(q‖p)"}
EQUATIONS = {"kl": r"\int p\,\log\frac pq\,\mathrm dx", "reverse_kl": r"\int q\,\log\frac qp\,\mathrm dx"}
MEAN, WIDTH = "why.mean", "why.width"
MODE_WIDTH = 0.6  # the geometric mean of both modes' widths
SHOWN_OPTIMA = 4


@dataclass(frozen=True)
class Mixture:
    """Name a target on a line by its weights, means and variances, so that what is computed of it can be cached."""

    weights: tuple[float, ...]
    means: tuple[float, ...]
    variances: tuple[float, ...]


def show() -> None:
    """Draw the target, q, what both divergences sum, and both landscapes."""
    _tab()


@st.fragment
def _tab() -> None:
    left, middle, right = st.columns([3, 5, 5], gap="medium")
    with left:
        mixture = _choose_target()
        mean, width = _choose_q()
    found = kl_integrands(MixtureTarget(*astuple(mixture)), GRID, mean, width)
    with middle:
        _densities(found, mean, width)
    with right:
        for measure in NAMES:
            _landscape(measure, found, mixture, mean, width)
    with left, st.popover("Show the code", icon=":material/code:", width="stretch"):
        st.code(snippet(mixture, mean, width), "python")


def _choose_target() -> Mixture:
    preset = st.selectbox("Target p", list(TARGETS), key="why.target", **BOUND)
    return TARGETS[preset]()


def _two_modes() -> Mixture:
    separation = st.slider("Separation of the modes", 0.0, 8.0, 4.0, 0.1, key="why.separation", **BOUND)
    st.caption(
        f"{separation / MODE_WIDTH:.1f} of their mean σ apart. Of two equal modes reverse KL's best Gaussian covers "
        f"both up to {PICKS_BEYOND}σ and picks one beyond."
    )
    weight = st.slider("Weight of the first mode", 0.05, 0.95, 0.6, 0.05, key="why.weight", **BOUND)
    ratio = st.slider(
        "Width ratio, first to second", 0.25, 4.0, 1.0, 0.05, key="why.ratio", **BOUND,
        help=f"The geometric mean of the two widths stays {MODE_WIDTH}.",
    )  # fmt: skip
    variance = MODE_WIDTH**2
    return Mixture((weight, 1 - weight), (-separation / 2, separation / 2), (variance * ratio, variance / ratio))


def _three_modes() -> Mixture:
    step = st.slider("Separation of the modes", 0.0, 4.0, 2.5, 0.1, key="why.step", **BOUND)
    return Mixture((0.55, 0.3, 0.15), (-step, 0.0, step), (0.2, 0.3, 0.4))


def _box() -> Mixture:
    """Return even weights on a row of narrow normals, whose sum is flat to 1e-8 between soft edges."""
    return Mixture((1 / 21,) * 21, tuple(round(-2.5 + 0.25 * k, 2) for k in range(21)), (0.0625,) * 21)


def _one_normal() -> Mixture:
    return Mixture((1.0,), (0.0,), (1.0,))


TARGETS: dict[str, Callable[[], Mixture]] = {
    "Two modes": _two_modes,
    "Three modes, skewed": _three_modes,
    "Box with soft edges": _box,
    "One normal": _one_normal,
}


def _choose_q() -> tuple[float, float]:
    mean = st.slider("Mean μ of q", *MEANS, 0.5, 0.01, key=MEAN, **BOUND)
    width = st.slider("Width σ of q", *WIDTHS, 1.0, 0.01, key=WIDTH, **BOUND)
    return mean, width


def _set_q(name: str, mean: float, width: float) -> None:
    """Take q from where a handle of figure `name` was moved to, or from an optimum."""
    st.session_state[MEAN] = round(min(max(mean, MEANS[0]), MEANS[1]), 3)
    if name != "along":
        st.session_state[WIDTH] = round(min(max(width, WIDTHS[0]), WIDTHS[1]), 3)


def _densities(found: Integrands, mean: float, width: float) -> None:
    figure = integrands_figure(found.x, found.p, found.q, found.kl, found.reverse_kl, WINDOW)
    live_figure(
        figure, key="why.densities", height=490, alt="Densities p and q, and the integrands of both KL divergences",
        file_name="kl_integrands", handles=[Handle("along", "Mean of q", mean, float(found.q.max()), only="x")],
        on_move=_set_q,
    )  # fmt: skip
    st.caption(
        "KL(p‖q) explodes where p has mass and q none: its best q covers every mode (zero-avoiding). "
        "KL(q‖p) explodes where q has mass and p none: its best q keeps off a wide gap between modes "
        "(zero-forcing). Drag q. On the right contours are 0.25 nats apart, and yellow is 3 nats or more above the "
        "optimum. Source: Minka, 2005, Divergence Measures and Message Passing."
    )


def _landscape(measure: str, found: Integrands, mixture: Mixture, mean: float, width: float) -> None:
    landscape = _computed(mixture, measure)
    name = NAMES[measure]
    value = GRID.integrate(found.kl if measure == "kl" else found.reverse_kl)
    st.latex(rf"{MEASURES[measure].symbol} = {EQUATIONS[measure]} = \textbf{{{amount(value)}}}")
    optima = [(one.mean, one.deviation, one.value) for one in landscape.optima]
    figure = landscape_figure(landscape.means, landscape.deviations, landscape.values, optima, name)
    live_figure(
        figure, key=f"why.{measure}", height=235, alt=f"{name} over the mean and the width of q, its optima marked",
        file_name=f"{measure}_landscape", handles=[Handle("q", f"q over {name}", mean, width)], on_move=_set_q,
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption("Go to", width="content")
        for k, one in enumerate(landscape.optima[:SHOWN_OPTIMA]):
            _optimum_button(f"why.{measure}.{k}", one, landscape.optima[0].value)


def _optimum_button(key: str, one: Optimum, lowest: float) -> None:
    is_global = one.value - lowest < TIE
    st.button(
        f"{'×' if is_global else '○'} {amount(one.value)}", key=key, type="secondary",
        help=f"The {'global' if is_global else 'local'} optimum at μ = {written(one.mean, '.2f')}, "
        f"σ = {one.deviation:.2f}.",
        on_click=partial(_set_q, "q", one.mean, one.deviation),
    )  # fmt: skip


@st.cache_data(max_entries=128, show_spinner=False)
def _computed(mixture: Mixture, measure: str) -> Landscape:
    means, widths = np.linspace(*MEANS, CELLS[0]), np.linspace(*WIDTHS, CELLS[1])
    return gaussian_landscape(MixtureTarget(*astuple(mixture)), GRID, measure, means, widths)


def snippet(mixture: Mixture, mean: float, width: float) -> str:
    """Return Python that, pasted into a shell beside `engine/`, finds both divergences and their optima."""
    return (
        "import numpy as np\n\n"
        "from engine.divergence import gaussian_landscape, kl_integrands\n"
        "from engine.divergence.targets import MixtureTarget\n"
        "from engine.grid import Grid\n\n"
        f"p = MixtureTarget({mixture.weights}, {mixture.means}, {mixture.variances})  # weights, means, variances\n"
        f"grid = Grid.over({GRID.domain}, {GRID.cells[0]})\n"
        f"found = kl_integrands(p, grid, mean={mean!r}, deviation={width!r})\n"
        "forward, reverse = grid.integrate(found.kl), grid.integrate(found.reverse_kl)\n"
        "print(forward, reverse)  # nats\n\n"
        f"means, deviations = np.linspace{(*MEANS, CELLS[0])}, np.linspace{(*WIDTHS, CELLS[1])}\n"
        'optima = {m: gaussian_landscape(p, grid, m, means, deviations).optima for m in ("kl", "reverse_kl")}\n'
        "print(optima)\n"
    )
