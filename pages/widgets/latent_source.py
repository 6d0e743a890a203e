"""The left side of the latent lab: which model on which data, pretrained or trained here, and its history so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import streamlit as st

from engine.catalogue import models
from engine.data import Images, load_images
from engine.model import DataError, Hyperparameters, Model
from engine.plots.fits import frame_numbers
from engine.pretrain import Pretrained, load_pretrained_run, pretrained_for
from engine.recipes import RECIPES
from engine.recipes.latent import latent_request
from engine.training import Request, Run, Snapshot, StopRule, shared_runs
from pages.widgets.controls import BOUND, control_form
from pages.widgets.explanation import explanation

FAMILY = "latent"
DATA = {"mnist": "MNIST digits", "fashion_mnist": "Fashion-MNIST"}
PATIENCE = {0: "never", 2: "after 2 epochs without 0.1 nats", 5: "after 5 epochs without 0.1 nats"}
PRETRAINED, LIVE = "Pretrained", "Train here"
RUN, RECIPE = "latent.run", "latent.recipe"


@dataclass(frozen=True, eq=False)
class Source:
    """Hold what the tabs show: a model class with its hyperparameters, the images, and a pretrained or a live run."""

    model_name: str
    hyperparameters: Hyperparameters
    data: str
    train: Images
    held_out: Images
    pretrained: Pretrained | None
    run: Run | None

    @property
    def model_class(self) -> type[Model]:
        """The class of the model."""
        return models(FAMILY)[self.model_name]

    @property
    def is_generative(self) -> bool:
        """Tell whether the model has a prior over its codes."""
        return "sample" not in self.model_class.cannot

    @property
    def is_conditional(self) -> bool:
        """Tell whether the model is told labels."""
        return bool(getattr(self.model_class, "conditional", False))

    @property
    def latent_size(self) -> int:
        """Number of latent dimensions."""
        chosen = self.hyperparameters
        return int(getattr(chosen, "latent_size", 0) or getattr(chosen, "n_components", 2))

    @property
    def snippet(self) -> str:
        """Python that trains the same model."""
        labels = ", held_out.labels[:10]" if self.is_conditional else ""
        return (
            f"from engine.data import load_images\nfrom engine.latent import {self.model_name}\n\n"
            f"train, held_out = load_images({self.data!r})\n"
            f"model = {self.model_name}({self.hyperparameters.code}).fit(train)\n"
            f"z = model.encode(held_out.images[:10]{labels})\nprint(z.shape, model.decode(z{labels}).shape)\n"
        )

    @property
    def snapshots(self) -> Sequence[Snapshot]:
        """The history so far."""
        return self.pretrained.snapshots if self.pretrained else self.run.history if self.run else ()

    @property
    def history_id(self) -> str:
        """A name of this history, which another has not."""
        return self.pretrained.name if self.pretrained else self.run.id if self.run else ""

    def model(self) -> Any:
        """Return the model as it is now; raise DataError where nothing has been learnt yet."""
        if self.pretrained:
            return self.pretrained.model
        if self.run is None:
            raise DataError("Nothing has been learnt yet.")
        return self.run.model()


@st.cache_resource(scope="session", on_release=lambda owner: shared_runs().release(owner))
def owner() -> str:
    """Return the token of this visitor's runs, which end with the visit."""
    return uuid4().hex


@st.cache_resource(show_spinner=False)
def images(name: str) -> tuple[Images, Images]:
    """Return the embedded training and held-out images."""
    return load_images(name)


def latent_source(only: str | None = None) -> Source:
    """Draw the controls and return what they choose; `only` leaves no choice of the model."""
    shared_runs()  # a worker warms up while the person looks around
    choices = models(FAMILY)
    name = only or st.selectbox(
        "Model", list(choices), list(choices).index("VAE"), format_func=lambda one: choices[one].name,
        key="latent.model", **BOUND,
    )  # fmt: skip
    data = st.selectbox("Data", list(DATA), format_func=DATA.__getitem__, key="latent.data", **BOUND)
    train, held_out = images(data)
    shipped = pretrained_for(name, data)
    mode = LIVE
    if shipped:
        mode = str(
            st.segmented_control(
                "Training", [PRETRAINED, LIVE], default=PRETRAINED, required=True, key="latent.source", **BOUND
            )
        )
    if mode == PRETRAINED:
        which = shipped[0]
        if len(shipped) > 1:
            which = st.selectbox(
                "Variant", shipped, key=f"latent.variant.{name}.{data}", format_func=title_of, **BOUND
            )
        pretrained = load_pretrained_run(which)
        st.caption(pretrained.summary)
        return Source(name, pretrained.model.hyperparameters, data, train, held_out, pretrained, None)
    with st.popover(":material/tune: Hyperparameters", width="stretch"):
        form = control_form(choices[name].Hyperparameters, key="latent.form")
        patience = st.selectbox(
            "Stop early", list(PATIENCE), format_func=PATIENCE.__getitem__, key="latent.patience",
            help="End the run when its loss has stopped falling.", **BOUND,
        )  # fmt: skip
        device: Any = st.selectbox(
            "Device", _devices(), key="latent.device", help="Where the worker trains.", **BOUND
        )
    rule = StopRule(patience=float(patience), least=0.1) if patience else None
    run = _run(replace(latent_request(name, data, form), stop_rule=rule, device=device))
    return Source(name, form, data, train, held_out, None, run)


def explain(source: Source) -> None:
    """Draw the model's idea, and behind a popover its equation, source, limits and code."""
    chosen = source.model_class
    st.markdown(f"**{chosen.name}.** {chosen.idea}")
    with st.popover(":material/menu_book: Equation, source, code", width="stretch"):
        explanation(chosen, source.snippet)


def with_model(source: Source, tab: Callable[[Source, Any], None]) -> None:
    """Draw a tab with the model as it is now, rerun by itself; say what to do where nothing has been learnt yet."""

    @st.fragment
    def draw() -> None:
        try:
            model = source.model()
        except DataError as error:
            st.info(f"{error} Train the model, or choose a pretrained run.", icon=":material/info:")
            return
        tab(source, model)

    draw()


def to_show(snapshots: Sequence[Snapshot]) -> tuple[list[Snapshot], list[str]]:
    """Return the snapshots of a history that a timeline has, and a caption for each."""
    shown = [snapshots[number] for number in frame_numbers(len(snapshots))]
    return shown, [f"epoch {one.epoch:.2f}, step {one.step:,}" for one in shown]


def title_of(name: str) -> str:
    """Return what a pretrained run is called in a list."""
    return RECIPES[name].title


@st.cache_data
def _devices() -> list[str]:
    """Return where a run may train on this machine, the one it would choose first."""
    import torch

    return ["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"]


def _run(request: Request) -> Run:
    """Return this visitor's run of `request`: the one there is, or a new one that waits for Play."""
    recipe = (
        request.model, request.data, sorted(request.hyperparameters.items()), request.stop_rule, request.device
    )  # fmt: skip
    kept: Run | None = st.session_state.get(RUN)
    if kept is None or st.session_state.get(RECIPE) != recipe:
        if kept is not None:
            kept.close()
        st.session_state[RUN] = kept = shared_runs().start(owner(), request, play=False)
        st.session_state[RECIPE] = recipe
    kept.touch()
    return kept


@dataclass(frozen=True, eq=False)
class Companion:
    """Hold a pretrained model of the other kind, for a look side by side."""

    title: str
    model: Any
    is_generative: bool


def companion(source: Source) -> Companion | None:
    """Return the pretrained autoencoder for a model with a prior, the VAE for one without; None if not shipped."""
    name = "Autoencoder" if source.is_generative else "VAE"
    shipped = pretrained_for(name, source.data)
    if not shipped:
        return None
    chosen = models(FAMILY)[name]
    return Companion(f"{chosen.name}, pretrained", load_pretrained_run(shipped[0]).model, name == "VAE")
