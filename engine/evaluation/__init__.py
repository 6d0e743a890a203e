"""How good is a density estimate: held-out likelihood, convergence to the truth, finding outliers."""

from engine.evaluation.convergence import Convergence, convergence, convergence_steps
from engine.evaluation.likelihood import Score, cross_validated_log_likelihood, held_out_log_likelihood
from engine.evaluation.outliers import Detection, detection, outlier_mask, plant_outliers

__all__ = [
    "Convergence",
    "Detection",
    "Score",
    "convergence",
    "convergence_steps",
    "cross_validated_log_likelihood",
    "detection",
    "held_out_log_likelihood",
    "outlier_mask",
    "plant_outliers",
]
