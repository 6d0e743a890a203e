"""What stands in a page's address beside the widgets bound to it: a text under each query parameter.

The session remembers the texts of every page, so that a page entered again by the navigation shows what it showed,
and says so in its address. A link opens what it says; so do Back and Forward.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


@dataclass
class _Memory:
    """Hold a page's texts by parameter, and what is needed to keep the address complete while tabs are closed.

    `tabs` says of each parameter in which tab its widget stands, "" for outside of the tabs; `tab` is the open one,
    once it is drawn; `drawn` are the texts read in this run; `above` are the widgets drawn before the tab; `closed`
    are the parameters that nothing on the page stands for, of tabs that are closed.
    """

    texts: dict[str, str] = field(default_factory=dict)
    tabs: dict[str, str] = field(default_factory=dict)
    drawn: set[str] = field(default_factory=set)
    above: frozenset[str] = frozenset()
    closed: dict[str, list[str]] = field(default_factory=dict)
    tab: str = ""


def begin() -> None:
    """Begin a run of a whole page; one that answers Back or Forward believes the address, not the memory."""
    memory, context = _memory(), get_script_run_ctx()
    if context is None:
        return
    memory.drawn.clear()
    memory.tab = ""
    is_entered = st.session_state.get("address.page") != context.page_script_hash
    st.session_state["address.page"] = context.page_script_hash
    if context.is_history_navigation:
        for parameter in memory.texts:
            memory.texts[parameter] = st.query_params.get(parameter, "")
    elif is_entered:
        for parameter, values in memory.closed.items():
            if parameter not in st.query_params:
                st.query_params[parameter] = values


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


def enter_tab(tab: str) -> None:
    """Note that all that is drawn from here on stands in a tab: while it is closed, its part of the address stays."""
    memory, context = _memory(), get_script_run_ctx()
    memory.tab = tab
    memory.above = frozenset() if context is None else context.shared.widget_ids_this_run.snapshot()


def tidy() -> None:
    """At the end of a page, whose open tab was entered, keep in the address what this and the closed tabs need."""
    memory, context = _memory(), get_script_run_ctx()
    here = ("", memory.tab)
    for parameter in memory.texts.keys() - memory.drawn:
        if memory.tabs[parameter] in here:
            st.query_params.pop(parameter, None)
    if context is None:
        return
    # Streamlit would take the parameters of all widgets that are not drawn out of the address.
    parameters = [parameter for parameter in st.query_params if parameter not in memory.drawn]
    with context.session_state.query_params() as bound:
        for widget in context.shared.widget_ids_this_run.snapshot():
            if binding := bound.get_binding_for_widget(widget):
                memory.tabs[binding.param_key] = "" if widget in memory.above else memory.tab
        for parameter in parameters:
            binding = bound.get_binding_for_param(parameter)
            if binding and memory.tabs.get(parameter, "") not in here:
                bound.unbind_widget(binding.widget_id)
        unbound = [parameter for parameter in parameters if not bound.is_bound(parameter)]
    memory.closed = {parameter: st.query_params.get_all(parameter) for parameter in unbound}


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
