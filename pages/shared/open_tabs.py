"""A lab's tabs: the one that is open is drawn, the others cost nothing, and the address says which it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.components.serving import address


def open_tabs(lab: str, tabs: Mapping[str, Any], *arguments: Any) -> None:
    """Draw a lab's tabs by title; each value has a `show`, which gets the arguments when its tab is open.

    They come last on a page, so that what its address then has no use for can go.
    """
    places = st.tabs(list(tabs), key=f"{lab}.tab", bind="query-params")
    for tab, (title, module) in zip(places, tabs.items(), strict=True):
        if tab.open:
            address.enter_tab(title)
            with tab:
                module.show(*arguments)
            address.tidy()
