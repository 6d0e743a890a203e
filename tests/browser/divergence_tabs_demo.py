"""A page for test_divergence_tabs.py: three tabs of the divergence lab, without the fits in the plane."""

import streamlit as st

from pages.components.routes import ROUTES
from pages.divergence.tabs import blind_distances, kl_integrands, total_variation

TABS = {"Why": kl_integrands, "Total variation": total_variation, "Blind": blind_distances}


def main() -> None:
    """Show the tab that is open."""
    st.set_page_config(layout="wide")
    st.html("<style>.stMainBlockContainer {padding-top: 4rem; padding-bottom: 2rem}</style>")
    for tab, module in zip(st.tabs(list(TABS), key="tab", bind="query-params"), TABS.values(), strict=True):
        if tab.open:
            with tab:
                module.show()


if __name__ == "__main__":  # a session's run of this script, and AppTest's
    main()
else:  # `streamlit run` imports it once, for the server
    app = st.App(__file__, routes=ROUTES)
