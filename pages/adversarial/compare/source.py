"""What the Compare tab trains: two to four settings of the game, and the one data set that all of them learn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.adversarial import GAN
from engine.data import load_points, presets
from engine.grid import Domain
from engine.model import DataError, Hyperparameters
from engine.recipes.adversarial import comparison_request, plane_domain
from engine.training import Run
from pages.adversarial.compare.pairs import PAIRS, Pair
from pages.adversarial.form import adversarial_form
from pages.adversarial.plane.panel import under_way
from pages.shared.controls import BOUND, label_of
from pages.shared.explanation import explanation
from pages.shared.points.data_source import DataSet
from pages.shared.points.plane_points import own_points, training_data
from pages.shared.points.points_link import DRAWN, OWN_TITLE, PARAMETER
from pages.shared.points.share import points_code
from pages.shared.runs.visitor_run import Training, visitor_run

KEY = "compare"
PLANE = "game"  # the key of the Plane's data
PRESETS = {preset.name: preset for preset in presets() if len(preset.domain) == 2}
DATA = {**{name: preset.title for name, preset in PRESETS.items()}, DRAWN: OWN_TITLE}
MOST_GAMES = 4
MOST_NAMED = 3  # settings in a game's title


@dataclass(frozen=True, eq=False)
class CompareSource(Training):
    """Hold the games' hyperparameters with their titles, the data, and the run that trains them all.

    `place` is where there is room for the games on the page.
    """

    pair: Pair
    games: tuple[Hyperparameters, ...]
    titles: tuple[str, ...]
    data: DataSet
    domain: Domain
    place: DeltaGenerator

    @property
    def snippet(self) -> str:
        """Python that plays the same games, one after the other."""
        made = ",\n".join(f"    GAN({game.code})" for game in self.games)
        return (
            f"from engine.adversarial import GAN\n{points_code(self.data)}"
            f"games = [\n{made},\n]\n"
            "for game in games:\n    print(game.fit(x).sample(5, seed=1))\n"
        )

    @property
    def give_probabilities(self) -> list[bool]:
        """Tell of each game whether its discriminator gives a probability rather than a critic's value."""
        return [GAN(**game.model_dump()).gives_probability for game in self.games]


def compare_source() -> CompareSource | None:
    """Draw the choice of the comparison, of its data and of each game's settings; return what they choose.

    None, with a sentence, where there are too few points to learn.
    """
    pair, name, count, seed = _choose()
    st.caption(pair.idea)
    if name == DRAWN:
        left, right = st.columns([3, 10], gap="medium")
        with left:  # opens with what was drawn in the Plane
            data = own_points(f"{KEY}.pad", f"{KEY}.{PARAMETER}", f"{PLANE}.{PARAMETER}")
    else:
        right = st.container()
        data = _preset(name, pair.n, pair.noise if name == pair.data else None)
    with right:
        tools = st.container(horizontal=True, gap="small")
        games = _games(pair, count, seed, tools)
    try:
        learnt = training_data(data)
    except DataError as error:
        right.info(str(error), icon=":material/info:")
        return None
    settings = json.dumps([game.model_dump() for game in games])
    run = visitor_run(KEY, comparison_request(games, learnt, seed), (settings, name, data.noise, data.x.tobytes()))
    source = CompareSource(None, run, pair, games, _titles(pair, games), data, plane_domain(learnt), right)
    with tools, st.popover("Change under way", icon=":material/speed:"):
        _change_under_way(run, games)
    with tools, st.popover("Equation, source, code", icon=":material/menu_book:"):
        explanation(GAN, source.snippet, "plays these games")
    return source


def _choose() -> tuple[Pair, str, int, int]:
    """Draw the choice of a comparison, and of its data, number of games and seed, which begin as it has them."""
    cells = st.grid(4, min_column_width=150, gap="small")
    with cells.cell():
        pair = PAIRS[str(st.selectbox("Comparison", list(PAIRS), key=f"{KEY}.pair", **BOUND))]
    with cells.cell():
        name = st.selectbox(
            "Data", list(DATA), list(DATA).index(pair.data), key=f"{KEY}.data.{pair.name}",
            format_func=DATA.__getitem__, help="A shape, or your own points: draw, upload or paste.", **BOUND,
        )  # fmt: skip
    with cells.cell():
        count = st.segmented_control(
            "Games", range(2, MOST_GAMES + 1), default=len(pair.games), required=True,
            key=f"{KEY}.count.{pair.name}", **BOUND,
        )  # fmt: skip
    with cells.cell():
        seed = st.slider(
            "Seed", 0, 100, pair.value(0, "seed"), key=f"{KEY}.seed.{pair.name}",
            help="Of every game: equal networks begin with equal weights and see the same batches.", **BOUND,
        )  # fmt: skip
    return pair, str(name), int(count), int(seed)


@st.cache_data(max_entries=16, show_spinner=False)
def _preset(name: str, n: int, noise: float | None) -> DataSet:
    noise = PRESETS[name].noise if noise is None else noise
    points = load_points(name, n=n, noise=noise, seed=0)
    labels = np.zeros(len(points.x), np.uint8) if points.labels is None else points.labels
    return DataSet(name, points.x, labels, points.x[:0], points.domain, points, noise)


def _change_under_way(run: Run, games: Sequence[Hyperparameters]) -> None:
    """Draw the rates of all games, or of one."""
    chosen = st.segmented_control(
        "Of which game", ["All", *range(1, len(games) + 1)], default="All", required=True, key=f"{KEY}.tuned"
    )
    numbers = range(len(games)) if chosen == "All" else [int(chosen) - 1]
    under_way(run, games[numbers[0]], KEY, numbers)


def _games(pair: Pair, count: int, seed: int, tools: DeltaGenerator) -> tuple[Hyperparameters, ...]:
    """Draw the form of what all games share and one of what differs for each; return every game's hyperparameters."""
    every = [field for field in GAN.Hyperparameters.model_fields if field not in ("seed", "updates")]
    key = f"{KEY}.{pair.name}"
    defaults = [{field: pair.value(game, field) for field in every} for game in range(count)]
    with tools, st.popover("What all share", icon=":material/tune:"):
        chosen = st.multiselect(
            "What differs", every, [field for field in pair.differing if field != "seed"], key=f"{key}.differs",
            format_func=label_of, **BOUND,
        )  # fmt: skip
        own = {field: defaults[0][field] for field in chosen}
        form = adversarial_form(GAN, f"{key}, all", defaults[0], key=key, seed=seed, updates="both", **own)
    given = {field: value for field, value in form.model_dump().items() if field not in chosen}
    games = []
    for number in range(count):
        with tools, st.popover(f"Game {number + 1}", icon=":material/tune:"):
            title, mine = f"{key}, {number}", f"{key}.{number}"
            games.append(adversarial_form(GAN, title, defaults[number], key=mine, groups=False, **given))
    return tuple(games)


def _titles(pair: Pair, games: tuple[Hyperparameters, ...]) -> tuple[str, ...]:
    """Call each game what its comparison calls it, or by the settings in which it differs from the others."""
    settings = [game.model_dump() for game in games]
    differing = [name for name in settings[0] if any(one[name] != settings[0][name] for one in settings)]
    found = []
    for number, one in enumerate(settings):
        is_untouched = all(
            one[field] == pair.value(number, field) for field in one if field not in ("seed", "updates")
        )
        if is_untouched and number < len(pair.sides):
            found.append(pair.sides[number])
        else:
            found.append(", ".join(_said(name, one[name]) for name in differing[:MOST_NAMED]) or f"game {number + 1}")
    return tuple(found)


def _said(name: str, value: Any) -> str:
    """Say a setting in few words."""
    label = label_of(name).lower()
    if isinstance(value, bool):
        return label if value else f"no {label}"
    if isinstance(value, str):
        return value if name in ("objective", "activation", "optimiser") else f"{label} {value or 'none'}"
    return f"{label} {value:g}"
