"""The divergences' integrands, written once for NumPy and torch: what is summed over cells, outcomes or a grid.

Each takes log-densities (or log-probabilities) of p and q of one shape, -inf where there is no mass, and the module
to compute with (`numpy` or `torch`), and returns the integrand: inf where p has mass and q must not lack it.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from engine.evaluation.glossary import LOG_2


def kl(log_p: Any, log_q: Any, xp: ModuleType) -> Any:
    """Return p log(p/q), with 0 log 0 = 0. (Kullback and Leibler, 1951, "On information and sufficiency".)"""
    p = xp.exp(log_p)
    # Both logarithms are replaced where p = 0, so that neither inf − inf nor its gradient is ever formed.
    return p * (xp.where(p > 0, log_p, 0 * p) - xp.where(p > 0, log_q, 0 * p))


def reverse_kl(log_p: Any, log_q: Any, xp: ModuleType) -> Any:
    """Return q log(q/p)."""
    return kl(log_q, log_p, xp)


def jeffreys(log_p: Any, log_q: Any, xp: ModuleType) -> Any:
    """Return p log(p/q) + q log(q/p). (Jeffreys, 1946, "An invariant form for the prior probability".)"""
    return kl(log_p, log_q, xp) + kl(log_q, log_p, xp)


def js(log_p: Any, log_q: Any, xp: ModuleType) -> Any:
    """Return ½ p log(p/m) + ½ q log(q/m) with m = ½ (p + q).

    (Lin, 1991, "Divergence measures based on the Shannon entropy".)
    """
    log_m = xp.logaddexp(log_p, log_q) - LOG_2
    return 0.5 * (kl(log_p, log_m, xp) + kl(log_q, log_m, xp))


def total_variation(log_p: Any, log_q: Any, xp: ModuleType) -> Any:
    """Return ½ |p − q|. (Scheffé, 1947, "A useful convergence theorem for probability distributions".)"""
    return 0.5 * xp.abs(xp.exp(log_p) - xp.exp(log_q))


def squared_hellinger(log_p: Any, log_q: Any, xp: ModuleType) -> Any:
    """Return ½ (√p − √q)². (Hellinger, 1909, "Neue Begründung der Theorie quadratischer Formen".)"""
    return 0.5 * (xp.exp(0.5 * log_p) - xp.exp(0.5 * log_q)) ** 2


def alpha(log_p: Any, log_q: Any, xp: ModuleType, order: float) -> Any:
    """Return (α p + (1 − α) q − p^α q^(1−α)) / (α (1 − α)): KL(q‖p) at α = 0, KL(p‖q) at α = 1, never negative.

    (Amari, 1985, "Differential-geometrical methods in statistics"; in this form Zhu and Rohwer, 1995, "Information
    geometric measurements of generalisation".) `order` is α, between 0 and 1.
    """
    p, q = xp.exp(log_p), xp.exp(log_q)
    if order <= 0 or order >= 1:  # the limits, kept non-negative in each cell as the rest of the family
        return kl(log_p, log_q, xp) - p + q if order >= 1 else kl(log_q, log_p, xp) - q + p
    both = (p > 0) & (q > 0)
    mixed = order * xp.where(both, log_p, 0 * p) + (1 - order) * xp.where(both, log_q, 0 * p)
    return (order * p + (1 - order) * q - xp.where(both, xp.exp(mixed), 0 * p)) / (order * (1 - order))
