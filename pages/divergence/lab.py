"""The divergence lab: what a fit becomes when it minimises KL, reverse KL, JS or another distance, and why."""

from __future__ import annotations

from pages.divergence.tabs import blind_distances, kl_integrands, plane_fits, total_variation
from pages.shared.open_tabs import open_tabs

TABS = {
    "Fits in the plane": plane_fits,
    "Why: zero-avoiding, zero-forcing": kl_integrands,
    "Total variation": total_variation,
    "When a distance is blind": blind_distances,
}

open_tabs("divergence", TABS)
