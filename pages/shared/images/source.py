"""The left side of the latent lab: which model on which images, and its history, pretrained or made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from engine.catalogue import models
from engine.data import Images
from engine.model import Hyperparameters, Model
from engine.pretrain import load_pretrained_run, pretrained_for
from engine.recipes import RECIPES
from engine.recipes.latent import latent_request
from engine.training import Run, StopRule, shared_runs
from pages.shared.controls import BOUND, control_form
from pages.shared.explanation import explanation
from pages.shared.images.sets import DATA, images
from pages.shared.runs.visitor_run import Training, to_show, visitor_run, was_joined, with_model

__all__ = ["Source", "companion", "explain", "latent_source", "title_of", "to_show", "with_model"]

FAMILY = "latent"
PRETRAINED, LIVE = "Pretrained", "Train here"
LAB = "latent"  # begins what the latent lab keeps; another lab that shows these models has its own


@dataclass(frozen=True, eq=False)
class Chosen(Training):
    """Hold a model class of this family with its hyperparameters, and a training of it."""

    model_name: str
    hyperparameters: Hyperparameters

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
        size = getattr(chosen, "latent_size", 0) or getattr(chosen, "n_components", 0)
        return int(size or 49 * getattr(chosen, "channels", 1))

    @property
    def has_prior(self) -> bool:
        """Tell whether the prior can be drawn where the codes are: those of more dimensions are projected."""
        return self.is_generative and self.latent_size <= 2

    @property
    def snippet(self) -> str:
        """Python that trains the same model."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Source(Chosen):
    """Hold what the tabs show of a model of images, pretrained or trained here."""

    data: str
    train: Images
    held_out: Images

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


def latent_source(only: str, key: str) -> Source:
    """Draw the controls of the model `only` and return what they choose; what they keep begins with `key`."""
    data = st.selectbox("Data", list(DATA), format_func=DATA.__getitem__, key=f"{key}.data", **BOUND)
    return image_source(only, str(data), key)


def choose_model(choices: dict[str, type[Model]]) -> str:
    """Draw the list of models and return the class name of the chosen one."""
    return str(
        st.selectbox(
            "Model", list(choices), list(choices).index("VAE"), format_func=lambda one: choices[one].name,
            key=f"{LAB}.model", **BOUND,
        )
    )  # fmt: skip


def image_source(name: str, data: str, key: str = LAB) -> Source:
    """Draw how the model `name` comes to be on the images `data`, and return what is chosen.

    What it keeps, in the session and the address, begins with `key`.
    """
    shared_runs()  # a worker warms up while the person looks around
    train, held_out = images(data)
    shipped = pretrained_for(name, data)
    mode = LIVE
    if shipped:
        mode = str(
            st.segmented_control(
                "Training", [PRETRAINED, LIVE], default=PRETRAINED, required=True, key=f"{key}.source", **BOUND
            )
        )
    if mode == PRETRAINED:
        which = shipped[0]
        if len(shipped) > 1:
            which = st.selectbox(
                "Variant", shipped, key=f"{key}.variant.{name}.{data}", format_func=title_of, **BOUND
            )
        pretrained = load_pretrained_run(which)
        st.caption(pretrained.summary)
        return Source(pretrained, None, name, pretrained.model.hyperparameters, data, train, held_out)
    with st.popover("Hyperparameters", icon=":material/tune:", width="stretch"):
        form = control_form(models(FAMILY)[name].Hyperparameters, key=f"{key}.form")
        rule, device = stop_rule(f"{key}.patience", (2, 5), 0.1), choose_device(key)
    request = replace(latent_request(name, data, form), stop_rule=rule, device=device)
    # Two at once: the latent lab trains another one beside it.
    run = visitor_run(key, request, (name, data, form, rule, device), at_once=2)
    if not shipped:
        play_once(key, run)
    return Source(None, run, name, form, data, train, held_out)


def play_once(key: str, run: Run) -> None:
    """Begin a run that is new under `key` without being asked, where the page has nothing else to show."""
    if st.session_state.get(f"{key}.begun") != run.id and not was_joined(key, run):
        st.session_state[f"{key}.begun"] = run.id
        run.play()


def stop_rule(key: str, patience: Sequence[int], least: float) -> StopRule | None:
    """Draw when a run should end by itself, after so many epochs without `least` nats, and return the rule."""
    epochs = st.selectbox(
        "Stop early", [0, *patience], key=key, help="End the run when its loss has stopped falling.",
        format_func=lambda n: f"after {n} epochs without {least:g} nats" if n else "never", **BOUND,
    )  # fmt: skip
    return StopRule(patience=float(epochs), least=least) if epochs else None


def choose_device(key: str) -> Any:
    """Draw where a run trains and return it."""
    return st.selectbox("Device", _devices(), key=f"{key}.device", help="Where the worker trains.", **BOUND)


def explain(source: Chosen) -> None:
    """Draw the model's idea, and behind a popover its equation, source, limits and code."""
    chosen = source.model_class
    st.markdown(f"**{chosen.name}.** {chosen.idea}")
    with st.popover("Equation, source, code", icon=":material/menu_book:", width="stretch"):
        explanation(chosen, source.snippet)


def title_of(name: str) -> str:
    """Return what a pretrained run is called in a list."""
    return RECIPES[name].title


@st.cache_data
def _devices() -> list[str]:
    """Return where a run may train on this machine, the one it would choose first."""
    import torch

    return ["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"]


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
