"""The divergence lab: what a fit becomes when it minimises KL, reverse KL, JS or another distance, and why."""

from __future__ import annotations

import streamlit as st

from pages.tabs import blind_distances, kl_integrands, plane_fits, total_variation

TABS = {
    "Fits in the plane": plane_fits,
    "Why: zero-avoiding, zero-forcing": kl_integrands,
    "Total variation": total_variation,
    "When a distance is blind": blind_distances,
}


def lab() -> None:
    """Show the tab that is open; the others cost nothing."""
    for tab, module in zip(st.tabs(list(TABS), key="tab", bind="query-params"), TABS.values(), strict=True):
        if tab.open:
            with tab:
                module.show()


lab()
