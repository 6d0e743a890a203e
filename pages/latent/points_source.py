"""The left side of the latent lab on points: which model, which points in the plane, and a training that plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.evaluation import held_out_log_likelihood
from engine.grid import Domain
from engine.model import DataError, Evaluates
from engine.recipes.latent import points_request
from engine.training import ArrayData, NamedData
from engine.training.data import Split
from pages.shared.controls import control_form
from pages.shared.defaults import with_defaults
from pages.shared.images.source import FAMILY, LAB, Chosen, choose_device, models, play_once, stop_rule
from pages.shared.points.data_source import DataSet, data_source
from pages.shared.points.plane_points import training_data
from pages.shared.points.share import points_code
from pages.shared.runs.visitor_run import visitor_run

KEY = "latent.points"
HELD_OUT = 5  # of drawn points every fifth is held out; a preset is drawn again
_NETWORK = {"layers": "64,64", "epochs": 150, "batch_size": 64, "learning_rate": 5e-3}
_VAE = {**_NETWORK, "latent_size": 2, "standard_deviation": 0.15}
# What shows a model's idea in the plane; digits want other numbers.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "PCA": {"n_components": 1},
    "Autoencoder": {**_NETWORK, "latent_size": 1},
    "DenoisingAutoencoder": {**_NETWORK, "latent_size": 1, "noise": 0.2},
    "VAE": _VAE,
    "ConditionalVAE": _VAE,
}
# What has no other meaning for points.
GIVEN: Mapping[str, Any] = {"architecture": "dense", "decoder": "gaussian", "loss": "squared error"}


@dataclass(frozen=True, eq=False)
class PointsSource(Chosen):
    """Hold what the tabs show of a model of points trained here; `domain` is the part of the plane on show."""

    points: DataSet
    domain: Domain
    trained_labels: npt.NDArray[np.uint8]  # classes of the points it learns from

    @property
    def snippet(self) -> str:
        """Python that trains the same model."""
        labels = ", labels" if self.is_conditional else ""
        return (
            f"{points_code(self.points)}from engine.latent import {self.model_name}\n\n"
            f"model = {self.model_name}({self.hyperparameters.code}).fit(x{labels})\n"
            f"z = model.encode(x{labels})\nprint(z.shape, model.decode(z{labels}).shape)\n"
        )

    @property
    def truth(self) -> tuple[float, float] | None:
        """Mean and standard error of the truth's own log p(x) on the held-out points, nats; None if not known."""
        preset = self.points.preset
        held_out = self.points.fresh(len(self.points.x), self.points.seed + 1)
        if preset is None or preset.log_prob is None or held_out is None:
            return None
        score = held_out_log_likelihood(cast(Evaluates, preset), held_out)  # it evaluates, as a model does
        return score.mean, score.standard_error or 0.0


def points_source(name: str) -> PointsSource | None:
    """Draw the controls of points and model; return what they choose, or None, with a sentence, for bad points."""
    with st.expander("Points", icon=":material/scatter_plot:", expanded=True, key=f"{KEY}.shape"):
        data = data_source(KEY, dimension=2)
    chosen = models(FAMILY)[name]
    with st.popover("Hyperparameters", icon=":material/tune:", width="stretch"):
        fields = chosen.Hyperparameters.model_fields
        form = control_form(
            with_defaults(chosen.Hyperparameters, f"{name}OfPoints", DEFAULTS[name]),
            key=f"{KEY}.form",
            **{field: value for field, value in GIVEN.items() if field in fields},
        )
        rule, device = stop_rule(f"{KEY}.patience", (10, 30), 0.01), choose_device(LAB)
    hyperparameters = chosen.Hyperparameters(**form.model_dump())
    try:
        learns_from, labels = _training_data(data, bool(getattr(chosen, "conditional", False)))
        request = points_request(name, learns_from, hyperparameters, data.domain)
    except DataError as error:
        st.info(str(error), icon=":material/info:")
        return None
    recipe = (name, data.x.tobytes(), data.labels.tobytes(), hyperparameters, rule, device)
    run = visitor_run(KEY, replace(request, stop_rule=rule, device=device), recipe)
    play_once(KEY, run)  # it takes a few seconds, and nobody should look at nothing
    return PointsSource(None, run, name, hyperparameters, data, data.domain, labels)


def _training_data(data: DataSet, with_labels: bool) -> tuple[NamedData | ArrayData, npt.NDArray[np.uint8]]:
    """Return what the worker learns from and its classes; raise DataError for too little, or no class to tell."""
    source = training_data(data)
    if with_labels and not data.labels.any():
        raise DataError("These points are of one class; choose two moons, say, or draw both classes.")
    if isinstance(source, NamedData):
        return source, data.labels
    is_held_out = np.arange(len(data.x)) % HELD_OUT == 0
    held_out = Split(data.x[is_held_out], data.labels[is_held_out])
    labels = data.labels[~is_held_out]
    return ArrayData(data.x[~is_held_out], labels, held_out), labels
