"""What the Compare tab trains: two to four settings of the game, and the one data set that all of them learn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.adversarial import GAN
from engine.adversarial.lessons import LESSONS
from engine.data import Points, load_points, presets
from engine.model import Hyperparameters
from engine.recipes.adversarial import comparison_request
from engine.training import NamedData
from pages.widgets.controls import BOUND, control_form, label_of
from pages.widgets.defaults import with_defaults
from pages.widgets.visitor_run import Training, visitor_run

PRESETS = {preset.name: preset for preset in presets() if len(preset.domain) == 2}
MOST_GAMES = 4


@dataclass(frozen=True)
class Pair:
    """Hold a comparison to start from: settings that all games share, and those of each game."""

    title: str
    idea: str
    watch: str
    data: str
    n: int
    noise: float | None
    shared: Mapping[str, Any]
    games: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, eq=False)
class CompareSource(Training):
    """Hold the games' hyperparameters with their titles, the data, and the run that trains them all."""

    pair: Pair
    games: tuple[Hyperparameters, ...]
    titles: tuple[str, ...]
    points: Points


OWN = Pair(
    "My own comparison",
    "Any settings beside any others: choose what differs, and give each game its own.",
    "Both start from the same seed and see the same data.",
    "gan_lab_gaussians",
    1000,
    None,
    {},
    ({"objective": "minimax"}, {"objective": "non-saturating"}),
)
PAIRS: Mapping[str, Pair] = {
    **{
        one.name: Pair(
            one.title, one.idea, one.watch, one.data, one.n, one.noise, one.hyperparameters, tuple(one.compare)
        )
        for one in LESSONS
        if len(one.compare) > 1
    },
    "own": OWN,
}


def compare_source() -> CompareSource:
    """Draw the choice of the comparison, of its data and of each game's settings; return what they choose."""
    cells = st.grid(4, min_column_width=150, gap="small")
    with cells.cell():
        name = str(
            st.selectbox(
                "Comparison", list(PAIRS), key="compare.pair", format_func=lambda one: PAIRS[one].title, **BOUND
            )
        )
    pair = PAIRS[name]
    with cells.cell():
        data = str(
            st.selectbox(
                "Data", list(PRESETS), list(PRESETS).index(pair.data), key=f"compare.data.{name}",
                format_func=lambda one: PRESETS[one].title, **BOUND,
            )
        )  # fmt: skip
    with cells.cell():
        count = int(
            st.segmented_control(
                "Games", range(2, MOST_GAMES + 1), default=len(pair.games), required=True, key=f"compare.count.{name}",
                **BOUND,
            )
        )  # fmt: skip
    with cells.cell():
        seed = int(
            st.slider("Seed", 0, 100, 0, key="compare.seed", help="Of the data and of every game.", **BOUND)
        )
    st.caption(f"{pair.idea} {pair.watch}")
    games = _games(name, pair, count, seed)
    titles = _titles(games)
    noise = pair.noise if data == pair.data and pair.noise is not None else PRESETS[data].noise
    chosen = {"name": data, "n": pair.n, "noise": noise, "seed": seed}
    settings = [game.model_dump() for game in games]
    run = visitor_run(
        "compare", comparison_request(settings, NamedData("load_points", chosen)), json.dumps([settings, chosen])
    )
    return CompareSource(None, run, pair, games, titles, _points(data, pair.n, noise, seed))


@st.cache_data(max_entries=16, show_spinner=False)
def _points(name: str, n: int, noise: float, seed: int) -> Points:
    return load_points(name, n=n, noise=noise, seed=seed)


def _games(name: str, pair: Pair, count: int, seed: int) -> tuple[Hyperparameters, ...]:
    """Draw the form of what all games share and one of what differs for each; return every game's hyperparameters."""
    every = [field for field in GAN.Hyperparameters.model_fields if field not in ("seed", "updates")]
    differing = {field: None for game in pair.games for field in game}
    cells = st.grid(count + 1, min_column_width=170, gap="small")
    with cells.cell(), st.popover(":material/tune: What all share", width="stretch"):
        chosen = st.multiselect(
            "What differs", every, list(differing), key=f"compare.differs.{name}", format_func=label_of, **BOUND
        )
        form = _form(f"{name}, all", pair.shared)
        shared = control_form(
            form, key=f"compare.{name}", seed=seed, updates="both",
            **{field: getattr(form(), field) for field in chosen},
        ).model_dump()  # fmt: skip
    games = []
    for number in range(count):
        own = pair.games[number] if number < len(pair.games) else {}
        form = _form(f"{name}, {number}", {**pair.shared, **own})
        with cells.cell(), st.popover(f":material/tune: Game {number + 1}", width="stretch"):
            given = {field: value for field, value in shared.items() if field not in chosen}
            drawn = control_form(form, key=f"compare.{name}.{number}", **given)
        games.append(GAN.Hyperparameters(**drawn.model_dump()))
    return tuple(games)


def _form(name: str, defaults: Mapping[str, Any]) -> type[Hyperparameters]:
    return with_defaults(GAN.Hyperparameters, name, defaults)


def _titles(games: tuple[Hyperparameters, ...]) -> tuple[str, ...]:
    """Call each game by the settings in which it differs from the others."""
    settings = [game.model_dump() for game in games]
    differing = [name for name in settings[0] if any(one[name] != settings[0][name] for one in settings)]
    found = []
    for number, one in enumerate(settings):
        words = [_said(name, one[name]) for name in differing]
        found.append(", ".join(word for word in words if word) or f"Game {number + 1}")
    return tuple(found)


def _said(name: str, value: Any) -> str:
    """Say a setting in few words."""
    label = label_of(name).lower()
    if isinstance(value, bool):
        return label if value else f"no {label}"
    if isinstance(value, str):
        return value if name in ("objective", "activation", "optimiser") else f"{label} {value or 'none'}"
    return f"{label} {value:g}"
