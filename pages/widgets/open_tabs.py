"""A lab's tabs: the one that is open is drawn, the others cost nothing, and the address says which it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st


def open_tabs(tabs: Mapping[str, Any], *arguments: Any) -> None:
    """Draw tabs by title; each value has a `show`, which gets the arguments when its tab is open."""
    for tab, module in zip(st.tabs(list(tabs), key="tab", bind="query-params"), tabs.values(), strict=True):
        if tab.open:
            with tab:
                module.show(*arguments)
