"""What the Compare tab trains: two to four settings of the game, and the one data set that all of them learn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.adversarial import GAN
from engine.data import Points, load_points, presets
from engine.model import Hyperparameters
from engine.recipes.adversarial import comparison_request
from engine.training import NamedData
from pages.widgets.adversarial_form import adversarial_form
from pages.widgets.compare_pairs import PAIRS, Pair
from pages.widgets.controls import BOUND, label_of
from pages.widgets.explanation import explanation
from pages.widgets.visitor_run import Training, visitor_run

PRESETS = {preset.name: preset for preset in presets() if len(preset.domain) == 2}
MOST_GAMES = 4
MOST_NAMED = 3  # settings in a game's title


@dataclass(frozen=True, eq=False)
class CompareSource(Training):
    """Hold the games' hyperparameters with their titles, the data, and the run that trains them all."""

    pair: Pair
    games: tuple[Hyperparameters, ...]
    titles: tuple[str, ...]
    data: Mapping[str, Any]
    points: Points

    @property
    def snippet(self) -> str:
        """Python that plays the same games, one after the other."""
        made = ",\n".join(f"    GAN({game.code})" for game in self.games)
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.data.items())
        return (
            "from engine.adversarial import GAN\nfrom engine.data import load_points\n\n"
            f"x = load_points({arguments}).x\n"
            f"games = [\n{made},\n]\n"
            "for game in games:\n    print(game.fit(x).sample(5, seed=1))\n"
        )

    @property
    def give_probabilities(self) -> list[bool]:
        """Tell of each game whether its discriminator gives a probability rather than a critic's value."""
        return [GAN(**game.model_dump()).gives_probability for game in self.games]


def compare_source() -> CompareSource:
    """Draw the choice of the comparison, of its data and of each game's settings; return what they choose."""
    cells = st.grid(4, min_column_width=150, gap="small")
    with cells.cell():
        title = str(st.selectbox("Comparison", list(PAIRS), key="compare.pair", **BOUND))
    pair = PAIRS[title]
    with cells.cell():
        data = str(
            st.selectbox(
                "Data", list(PRESETS), list(PRESETS).index(pair.data), key=f"compare.data.{pair.name}",
                format_func=lambda one: PRESETS[one].title, **BOUND,
            )
        )  # fmt: skip
    with cells.cell():
        count = int(
            st.segmented_control(
                "Games", range(2, MOST_GAMES + 1), default=len(pair.games), required=True,
                key=f"compare.count.{pair.name}", **BOUND,
            )
        )  # fmt: skip
    with cells.cell():
        seed = int(
            st.slider(
                "Seed", 0, 100, pair.value(0, "seed"), key=f"compare.seed.{pair.name}",
                help="Of every game: equal networks begin with equal weights and see the same batches.", **BOUND,
            )
        )  # fmt: skip
    st.caption(pair.idea)
    cells = st.grid(count + 2, min_column_width=170, gap="small")
    games = _games(pair, count, seed, cells)
    noise = pair.noise if data == pair.data and pair.noise is not None else PRESETS[data].noise
    chosen = {"name": data, "n": pair.n, "noise": noise, "seed": 0}
    settings = [game.model_dump() for game in games]
    request = comparison_request(games, NamedData("load_points", chosen), seed)
    run = visitor_run("compare", request, json.dumps([settings, chosen]))
    source = CompareSource(None, run, pair, games, _titles(pair, games), chosen, _points(**chosen))
    with cells.cell(), st.popover(":material/menu_book: Equation, source, code", width="stretch"):
        explanation(GAN, source.snippet, "plays these games")
    return source


@st.cache_data(max_entries=16, show_spinner=False)
def _points(**chosen: Any) -> Points:
    return load_points(**chosen)


def _games(pair: Pair, count: int, seed: int, cells: Any) -> tuple[Hyperparameters, ...]:
    """Draw the form of what all games share and one of what differs for each; return every game's hyperparameters."""
    every = [field for field in GAN.Hyperparameters.model_fields if field not in ("seed", "updates")]
    key = f"compare.{pair.name}"
    defaults = [{field: pair.value(game, field) for field in every} for game in range(count)]
    with cells.cell(), st.popover(":material/tune: What all share", width="stretch"):
        chosen = st.multiselect(
            "What differs", every, [field for field in pair.differing if field != "seed"], key=f"{key}.differs",
            format_func=label_of, **BOUND,
        )  # fmt: skip
        own = {field: defaults[0][field] for field in chosen}
        form = adversarial_form(GAN, f"{key}, all", defaults[0], key=key, seed=seed, updates="both", **own)
    given = {field: value for field, value in form.model_dump().items() if field not in chosen}
    games = []
    for number in range(count):
        with cells.cell(), st.popover(f":material/tune: Game {number + 1}", width="stretch"):
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
