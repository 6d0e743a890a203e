"""Tables of numbers that stay readable on a phone: real text, under a first column that does not scroll away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import streamlit as st

from engine.plots import style

# Streamlit tells its own components alone what the theme's colours are, but sets the colour scheme for all.
PAPER = f":root {{--paper: light-dark({style.PAPER}, {style.DARK[style.PAPER]})}}"
STYLE = f"<style>{PAPER}\n{Path(__file__).with_suffix('.css').read_text('utf-8')}</style>"
NO_BREAK_SPACE = "\u00a0"


def table(key: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Draw `rows` (Markdown, one string a cell) under `head`: names to the left, the other columns to the right."""
    _draw(f"table-{key}", head, ":--" + "|--:" * (len(head) - 1), rows)


def pairs(key: str, entries: Sequence[tuple[str, str]]) -> None:
    """Draw names with their numbers (Markdown) in two small columns, filled from the top, without rules or a head."""
    _draw(f"pairs-{key}", ("", "", "", ""), ":--|--:|:--|--:", in_pairs(entries))


def in_pairs(entries: Sequence[tuple[str, str]]) -> list[tuple[str, str, str, str]]:
    """Return the rows of two columns of names with their numbers, filled from the top."""
    half = (len(entries) + 1) // 2
    right = [*entries[half:], ("", "")][:half]
    return [(*first, *second) for first, second in zip(entries[:half], right, strict=True)]


def _draw(key: str, head: Sequence[str], alignment: str, rows: Iterable[Sequence[str]]) -> None:
    lines = [head, [alignment], *rows]
    with st.container(key=key):
        st.html(STYLE)
        st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def unbroken(text: str) -> str:
    """Return `text` with spaces at which no line breaks, as between a number and its error or unit."""
    return text.replace(" ", NO_BREAK_SPACE)
