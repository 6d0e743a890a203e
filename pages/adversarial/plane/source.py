"""The left side of the GAN lab's plane: a lesson, its data, the game's hyperparameters, and the run they make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import streamlit as st

from engine.adversarial import GAN
from engine.adversarial.lessons import LESSONS, Lesson
from engine.adversarial.objectives import OBJECTIVES
from engine.adversarial.views.plane import noise_grid
from engine.model import DataError, Hyperparameters
from engine.recipes.adversarial import MANIFOLD_CELLS, POINTS, plane_domain, plane_request
from pages.adversarial.form import GROUPS, has_effect
from pages.adversarial.plane.slow import slow_motion
from pages.components.game_view import Scene
from pages.shared.controls import BOUND, control_form
from pages.shared.defaults import with_defaults
from pages.shared.explanation import explanation, formula
from pages.shared.points.data_source import DataSet, Start, data_source
from pages.shared.points.plane_points import training_data
from pages.shared.points.share import points_code
from pages.shared.runs.visitor_run import Training, visitor_run, was_joined

KEY = "game"
LESSON = f"{KEY}.lesson"
AUTOPLAY = f"{KEY}.autoplay"  # read by the panel
BY_NAME = {lesson.name: lesson for lesson in LESSONS}
UP_FRONT = ("objective", "discriminator_learning_rate", "generator_learning_rate", "discriminator_steps")
IN_NATS = ("minimax", "non-saturating", "f-GAN KL", "f-GAN reverse KL", "f-GAN JS")


@dataclass(frozen=True, eq=False)
class GameSource(Training):
    """Hold a game in the plane: what it learns from, its hyperparameters, and the visitor's run of it."""

    lesson: Lesson
    data: DataSet
    hyperparameters: GAN.Hyperparameters
    scene: Scene

    model_class = GAN

    @property
    def snippet(self) -> str:
        """Python that plays the same game."""
        return (
            f"from engine.adversarial import GAN\n{points_code(self.data)}"
            f"gan = GAN({self.hyperparameters.code}).fit(x)\n"
            f"print(gan.sample(5, seed=1), gan.discriminate(x[:5]))\n"
        )

    @property
    def has_logarithms(self) -> bool:
        """Tell whether the losses are in nats."""
        return self.hyperparameters.objective in IN_NATS


def game_source() -> GameSource | None:
    """Draw the controls and return what they choose, or None, with a sentence, where there are no points to learn."""
    lesson, side = _choose_lesson()
    start = Start(lesson.data, lesson.n, lesson.noise)
    with st.expander("Data", icon=":material/scatter_plot:", key=f"{KEY}.shape"):
        data = data_source(KEY, start=start, dimension=2)
    form = _form(lesson, side)
    try:
        source = training_data(data)
    except DataError as error:
        st.info(str(error), icon=":material/info:")
        return None
    model = GAN(**form.model_dump())
    noise, grid = _noise(model.hyperparameters.noise, model.latent_size)
    scene = Scene(plane_domain(source), data.x, noise, grid, model.gives_probability)
    before = st.session_state.get(f"{KEY}.run")
    was_playing = before is not None and before.status in ("queued", "running")
    run = visitor_run(KEY, plane_request(form, source), (form.model_dump_json(), data.name, data.x.tobytes()))
    if run is not before:
        slow_motion(KEY).end()
        is_first = before is None and not was_joined(KEY, run)
        st.session_state[AUTOPLAY] = was_playing or st.session_state.get(AUTOPLAY, is_first)
    return GameSource(None, run, lesson, data, form, scene)


def explain(source: GameSource) -> None:
    """Draw, behind a popover, the game's equation and its objective's, their sources, and the code."""
    name = source.hyperparameters.objective
    objective = OBJECTIVES[name]
    with st.popover("Equation, source, code", icon=":material/menu_book:", width="stretch"):
        st.markdown(f"**{GAN.name}.** {GAN.idea}")
        st.markdown(f"This objective, **{name}**:")
        formula(objective.equation, objective.source)
        if objective.bounds:
            st.caption(f"Minus the discriminator's loss is a lower bound of {objective.bounds}.")
        st.markdown("The game as it was first put:")
        explanation(GAN, source.snippet, "plays this game")


def _choose_lesson() -> tuple[Lesson, int]:
    """Draw the lessons; return the chosen one and, of a comparison, the number of the side to play."""
    name = st.radio(
        "Lessons", list(BY_NAME), key=LESSON, format_func=lambda one: BY_NAME[one].title, on_change=_begin, **BOUND
    )
    lesson = BY_NAME[str(name)]
    st.markdown(f"{lesson.idea} *{lesson.watch}*")
    if not lesson.compare:
        return lesson, 0
    key = f"{KEY}.{lesson.name}.side"
    side = st.segmented_control(
        "One side of the comparison", lesson.sides, default=lesson.sides[0], required=True, key=key,
        help="The tab Compare plays them side by side.", on_change=_play_soon, **BOUND,
    )  # fmt: skip
    return lesson, lesson.sides.index(str(side))


def _play_soon() -> None:
    st.session_state[AUTOPLAY] = True


def _begin() -> None:
    """Set everything as the lesson has it, whatever was changed before, and play."""
    lesson = BY_NAME[st.session_state[LESSON]]
    for key in [key for key in st.session_state if str(key).startswith(f"{KEY}.{lesson.name}.")]:
        del st.session_state[key]
    Start(lesson.data, lesson.n, lesson.noise).set(KEY)
    st.session_state[AUTOPLAY] = True


def _form(lesson: Lesson, side: int) -> Any:
    """Draw the hyperparameters: what matters most in the open, the rest by groups; what has no effect is left out."""
    key = f"{KEY}.{lesson.name}" + (f".{side}" if lesson.compare else "")
    start = lesson.compare[side] if lesson.compare else lesson.hyperparameters
    places: dict[str, Any] = dict.fromkeys((*UP_FRONT, "clip", "penalty"), st.container())
    for title, names in GROUPS.items():
        places |= dict.fromkeys(names, st.expander(title, key=f"{KEY}.{title}"))

    def place(name: str) -> Any:
        chosen = {field: st.session_state.get(f"{key}.{field}") for field in ("objective", "optimiser")}
        return places.get(name, st) if has_effect(name, chosen) else None

    form: Hyperparameters = control_form(
        with_defaults(GAN.Hyperparameters, key, start), key=key, places=place, updates="both"
    )
    return GAN.Hyperparameters(**form.model_dump())


@lru_cache(maxsize=32)
def _noise(kind: str, size: int) -> tuple[Any, Any]:
    """Return the noise behind the generated points, and the grid of noise that the manifold is the image of."""
    model = GAN(noise=kind, noise_size=size)
    return model.draw_noise(POINTS), noise_grid(model, MANIFOLD_CELLS)
