"""When a distance is blind: parallel lines, and coins beside the normal distribution they converge to."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.divergence import CoinSum, coin_sum, parallel_lines
from engine.grid import Array
from engine.plots.blind import NAMES, blindness_figure, coin_figure, coin_rates_figure, lines_figure
from engine.plots.numbers import amount
from pages.components.live_figure import Handle, live_figure
from pages.shared.controls import BOUND

THETA, BLUR, COINS = "blind.theta", "blind.blur", "blind.coins"
FARTHEST = 2.0
DISTANCES = np.linspace(-FARTHEST, FARTHEST, 401)
MOST_COINS = 200
HEIGHT = 330
LAYOUT = (3.3, 3, 4.7)


def show() -> None:
    """Draw both examples."""
    _lines()
    _coins()


@st.fragment
def _lines() -> None:
    left, middle, right = st.columns(LAYOUT, gap="medium")
    with left:
        st.markdown("**Two sharp parallel lines** share no point at any distance θ ≠ 0, so that")
        st.latex(r"\mathrm{KL}=\infty,\;\; \mathrm{JS}=\log 2,\;\; \mathrm{TV}=1,\;\; \mathrm W_1=|\theta|")
        first, second = st.columns(2, gap="medium")
        theta = first.slider("Distance θ", -FARTHEST, FARTHEST, 0.6, 0.01, key=THETA, **BOUND)
        blur = second.slider(
            "Blur σ", 0.0, 0.5, 0.0, 0.01, key=BLUR, **BOUND,
            help="Both lines are convolved with a normal distribution of this standard deviation, in data units.",
        )  # fmt: skip
    now = {name: float(value[0]) for name, value in parallel_lines([theta], blur).items()}
    with middle:
        live_figure(
            lines_figure(theta, blur), key="blind.lines", height=HEIGHT, alt="Two vertical segments at distance θ",
            file_name="parallel_lines", on_move=_set_theta,
            handles=[Handle("theta", "Distance of the second line", theta, 0.5, only="x")],
        )  # fmt: skip
    with right:
        curves = {name: values for name, values in _curves(blur).items() if name in NAMES}
        live_figure(
            blindness_figure(DISTANCES, curves, theta, now, sharp=not blur), key="blind.curves", height=HEIGHT,
            alt="KL, JS, TV and W₁ against the distance of the lines", file_name="blind_distances",
        )  # fmt: skip
    with left:
        st.caption(_sentence(now, blur))
        _code("lines", lines_snippet(theta, blur))


def _set_theta(name: str, x: float, y: float) -> None:
    st.session_state[THETA] = round(min(max(x, -FARTHEST), FARTHEST), 2)


@st.cache_data(max_entries=64, show_spinner=False)
def _curves(blur: float) -> dict[str, Array]:
    return parallel_lines(DISTANCES, blur)


def _sentence(now: dict[str, float], blur: float) -> str:
    values = (
        f"KL = {amount(now['kl'])}, JS = {amount(now['js'])}, TV = {amount(now['total_variation'], '')}, "
        f"W₁ = {amount(now['wasserstein'], 'data units', '.2f')}. "
    )
    flat = (
        "Blur makes the lines overlap, and every measure gets a slope where they do."
        if blur
        else "Where a measure is flat its gradient is 0 and nothing is learnt; W₁ alone has a slope."
    )
    return f"{values}{flat} Source: Arjovsky, Chintala and Bottou, 2017, Wasserstein GAN."


@st.fragment
def _coins() -> None:
    left, middle, right = st.columns(LAYOUT, gap="medium")
    with left:
        st.markdown("**The sum of n coins**, each ±1, nears the normal distribution.")
        st.latex(r"S=\tfrac{X_1+\cdots+X_n}{\sqrt n},\quad \mathrm W_1=\int|F-\Phi|\,\mathrm ds")
        n = st.slider("Number of coins n", 1, MOST_COINS, 4, key=COINS, **BOUND)
    found = coin_sum(n)
    with middle:
        live_figure(
            coin_figure(found.support, found.pmf), key="blind.cdf", height=HEIGHT, file_name="coins",
            alt="The coins' distribution function in steps, that of the normal, and the area between",
        )  # fmt: skip
    with right:
        live_figure(
            coin_rates_figure(*_rates(), n), key="blind.rates", height=HEIGHT, file_name="coins_rates",
            alt="W₁, Kolmogorov's distance and TV against the number of coins on log axes",
        )  # fmt: skip
    with left:
        st.caption(_coin_sentence(found))
        _code("coins", coins_snippet(n))


@st.cache_data(show_spinner=False)
def _rates() -> tuple[Array, Array, Array]:
    numbers = np.arange(1.0, MOST_COINS + 1)
    sums = [coin_sum(int(n)) for n in numbers]
    return numbers, np.array([s.measures["wasserstein"] for s in sums]), np.array([s.kolmogorov for s in sums])


def _coin_sentence(found: CoinSum) -> str:
    return (
        f"W₁ = {amount(found.measures['wasserstein'], 'data units')} (shaded), Kolmogorov's sup |F − Φ| = "
        f"{amount(found.kolmogorov, '')}, TV = {amount(found.measures['total_variation'], '')}. "
        f"TV stays 1: the event “S is one of its {found.n + 1} places” is certain for the coins and "
        "impossible for the normal. Source: de Moivre, 1738, The Doctrine of Chances."
    )


def _code(name: str, text: str) -> None:
    with st.popover("Show the code", icon=":material/code:", key=f"blind.{name}.code"):
        st.code(text, "python")


def lines_snippet(theta: float, blur: float) -> str:
    """Return Python that, pasted into a shell beside `engine/`, measures the two lines."""
    return (
        "from engine.divergence import parallel_lines\n\n"
        f"measures = parallel_lines([{theta!r}], blur={blur!r})\n"
        "print(measures)\n"
    )


def coins_snippet(n: int) -> str:
    """Return Python that, pasted into a shell beside `engine/`, compares n coins with the normal distribution."""
    return (
        f"from engine.divergence import coin_sum\n\ncoins = coin_sum({n})\nprint(coins.measures, coins.kolmogorov)\n"
    )
