"""What a model is: its equation and source, what it can't answer and why, and the code that makes it."""

from __future__ import annotations

import streamlit as st

from engine.model import Model


def explanation(chosen: type[Model], snippet: str, does: str = "trains this model") -> None:
    """Draw it all, one below the other; `does` says what the code does."""
    formula(chosen.equation, chosen.source)
    for question, reason in chosen.cannot.items():
        st.markdown(f"*Can't {question}:* {reason}")
    st.markdown(f"**The code** that {does}:")
    st.code(snippet, language="python")


def formula(equation: str, source: str) -> None:
    """Draw an equation (LaTeX) with its source."""
    st.latex(equation)
    st.caption(f"Source: {source}")
