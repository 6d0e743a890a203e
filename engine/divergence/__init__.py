"""How far one density is from another."""

from engine.divergence.measures import (
    Divergences,
    divergences,
    js_divergence,
    kl_divergence,
    reverse_kl_divergence,
    total_variation,
)

__all__ = [
    "Divergences",
    "divergences",
    "js_divergence",
    "kl_divergence",
    "reverse_kl_divergence",
    "total_variation",
]
