"""What stands in a page's address beside the widgets bound to it: a text under each query parameter.

The session remembers the texts of every page, so that a page entered again by the navigation shows what it showed,
and says so in its address. A link opens what it says; so do Back and Forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


@dataclass
class _Memory:
    """Hold a page's texts by parameter, the tab each is drawn in ("" outside of the tabs), and those drawn so far."""

    texts: dict[str, str] = field(default_factory=dict)
    tabs: dict[str, str] = field(default_factory=dict)
    drawn: set[str] = field(default_factory=set)
    tab: str = ""


def begin() -> None:
    """Begin a run of a whole page; one that answers Back or Forward believes the address, not the memory."""
    memory, context = _memory(), get_script_run_ctx()
    memory.drawn.clear()
    memory.tab = ""
    if context is not None and context.is_history_navigation:
        for parameter in memory.texts:
            memory.texts[parameter] = st.query_params.get(parameter, "")


def read(parameter: str) -> str:
    """Return the text under a parameter, "" for none: the session's, or at first the link's; the address then has it.

    A name belongs to one lab alone, so it begins with the lab's.
    """
    memory = _memory()
    if parameter not in memory.texts:
        memory.texts[parameter] = st.query_params.get(parameter, "")
    _draw(memory, parameter)
    return memory.texts[parameter]


def write(parameter: str, text: str | None) -> None:
    """Keep a text under a parameter, in the address and for the session; none for "" or None."""
    memory = _memory()
    memory.texts[parameter] = text or ""
    _draw(memory, parameter)


@contextmanager
def inside(tab: str) -> Iterator[None]:
    """Note that what is drawn meanwhile stands in a tab: while it is closed, its texts stay in the address."""
    memory = _memory()
    memory.tab = tab
    yield
    memory.tab = ""


def tidy(tab: str) -> None:
    """Take texts out of the address that the page no longer draws, though `tab` is open; the session keeps them."""
    memory = _memory()
    for parameter, place in memory.tabs.items():
        if place in ("", tab) and parameter not in memory.drawn:
            st.query_params.pop(parameter, None)
    memory.drawn.clear()


def _draw(memory: _Memory, parameter: str) -> None:
    """Let the address have what the memory has."""
    memory.drawn.add(parameter)
    memory.tabs.setdefault(parameter, memory.tab)
    text = memory.texts[parameter]
    if not text:
        st.query_params.pop(parameter, None)
    elif st.query_params.get(parameter) != text:
        st.query_params[parameter] = text


def _memory() -> _Memory:
    """Return this page's memory."""
    context = get_script_run_ctx()
    page = "" if context is None else context.page_script_hash
    memory: _Memory = st.session_state.setdefault(f"address.{page}", _Memory())
    return memory
