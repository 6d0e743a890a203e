"""The latent lab: watch a digit manifold come into being, and see what a code is good for."""

from __future__ import annotations

import streamlit as st

from pages.tabs import codes, elbo, manifold, prior, versus, walk
from pages.widgets.latent_source import latent_source

TABS = {
    "Manifold": manifold,
    "Reconstruct": codes,
    "Walk": walk,
    "Prior samples": prior,
    "ELBO": elbo,
    "Side by side": versus,
}


def lab() -> None:
    """Lay the lab out: model and data on the left, the tab that is open on the right."""
    left, right = st.columns([3, 10], gap="medium")
    with left:
        source = latent_source()
        chosen = source.model_class
        st.markdown(f"**{chosen.name}.** {chosen.idea}")
        with st.popover(":material/menu_book: Equation, source, code", width="stretch"):
            st.latex(chosen.equation)
            st.caption(f"Source: {chosen.source}")
            for question, reason in chosen.cannot.items():
                st.markdown(f"*Can't {question}:* {reason}")
            st.markdown("**The code** that trains this model:")
            st.code(source.snippet, language="python")
    with right:
        for tab, module in zip(st.tabs(list(TABS), key="tab", bind="query-params"), TABS.values(), strict=True):
            if tab.open:
                with tab:
                    module.show(source)


lab()
