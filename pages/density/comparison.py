"""The table under a lab: how well each fit predicts points it has not seen, and how far it is from the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st

from engine.divergence import Divergences
from engine.evaluation import Score
from engine.grid import Array
from engine.model import DataError
from engine.plots.numbers import written
from pages.shared.points.data_source import DataSet
from pages.shared.points.fitting import HELD_OUT, Fit, divergences_to_truth, held_out_score, training_score
from pages.shared.table import table, unbroken

HEAD = ("Estimator", "Held-out log-likelihood", "Training", "Free parameters", "Fit time")
TRUTH_HEAD = ("KL", "reverse KL", "TV", "JS")


def comparison_table(fits: Mapping[str, Fit], data: DataSet, x: Array) -> None:
    """Draw one row a fit; divergences appear where the data's density is known."""
    if not fits:
        return
    known = data.preset is not None and data.preset.log_prob is not None
    fresh = data.fresh(HELD_OUT, seed=data.seed + 10_007)
    rows = [_row(fitted, data, x, fresh, known) for fitted in fits.values()]
    table("scores", HEAD + (TRUTH_HEAD if known else ()), rows)
    how = f"{HELD_OUT:,} fresh points of the same shape" if fresh is not None else "5-fold cross-validation"
    notes = [f"Log-likelihoods in nats per point ± one standard error, held out by {how}."]
    if known:
        notes.append(
            "KL and reverse KL in nats, JS in nats (at most ln 2 = 0.693), TV between 0 and 1; by quadrature on "
            "cells that are halved where the densities need it, ± the error left where that reaches 0.0005."
        )
    notes += [f"† {fitted.model.cannot['sample']}" for fitted in fits.values() if not fitted.model.normalised]
    if any(_has_collapsed(fitted) for fitted in fits.values()):
        notes.append(
            "‡ A component has collapsed onto few points: the score says how small a variance is allowed, not how "
            "well it predicts."
        )
    st.caption(" ".join(notes))


def _has_collapsed(fitted: Fit) -> bool:
    return getattr(fitted.model, "collapse_note", None) is not None


def _row(fitted: Fit, data: DataSet, x: Array, fresh: Array | None, known: bool) -> list[str]:
    model = fitted.model
    mark = ("" if model.normalised else "†") + ("‡" if _has_collapsed(fitted) else "")
    try:
        held_out = _score(held_out_score(fitted.recipe, x, fresh))
    except DataError:
        held_out = "too few points"
    count = model.n_parameters
    row = [
        model.name + mark,
        held_out,
        _score(training_score(fitted.recipe, x), error=False),
        f"keeps all {len(x):,} points" if count is None else f"{count:,}",
        _seconds(fitted.seconds),
    ]
    if not known:
        return row
    found = divergences_to_truth(fitted.recipe, x, data.name, data.noise or 0.0, data) if model.normalised else None
    return row + (["—"] * 4 if found is None else _divergences(found))


def _score(score: Score, *, error: bool = True) -> str:
    if score.n_zero:
        return f"−∞ ({score.n_zero:,} of {score.n:,} points have density 0)"
    spread = f" ± {score.standard_error:.3f}" if error and score.standard_error is not None else ""
    return unbroken(f"{written(score.mean, '.3f')}{spread}")


def _divergences(found: Divergences) -> list[str]:
    return [
        _with_error(getattr(found, name), found.error[name]) for name in ("kl", "reverse_kl", "total_variation", "js")
    ]


def _with_error(value: float, error: float) -> str:
    """Show the quadrature's error where it would change a digit."""
    if math.isinf(value):
        return "∞"
    spread = f" ± {error:.3f}" if error >= 0.0005 else ""
    return unbroken(f"{written(value, '.3f')}{spread}")


def _seconds(seconds: float) -> str:
    return unbroken(f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s")
