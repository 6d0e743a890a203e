"""The taxonomy of generative models as a picture: nested blocks, and each kind's three answers beside them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

import streamlit as st

from engine.catalogue import TAXONOMY, Branch

_CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")

# The links are real ones (they open in a new tab as any link does); a plain click stays in the session.
_JS = """
export default function ({ parentElement, setTriggerValue }) {
  const open = (event) => {
    const link = event.target.closest("a[data-family]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    setTriggerValue("family", link.dataset.family);
  };
  parentElement.addEventListener("click", open);
  return () => parentElement.removeEventListener("click", open);
}
"""


def taxonomy() -> str | None:
    """Draw the picture and return the family that was just clicked, if any."""
    return _component(key="taxonomy", on_family_change=lambda: None).family


def _blocks(branches: Sequence[Branch], level: int) -> str:
    """Return the headings of one level, each as tall as the branches under it."""
    html, row = "", 2
    for path, group in groupby(branches, key=lambda branch: branch.path[: level + 1]):
        height = len(list(group))
        if len(path) == level + 1:
            wide = all(len(branch.path) == len(path) for branch in branches if branch.path[: level + 1] == path)
            end = " / span 2" if wide and level == 0 else ""
            html += (
                f'<div class="block level{level}" style="grid-area:{row} / {level + 2} / span {height}{end}">'
                f"<span>{escape(path[-1])}</span></div>"
            )
        row += height
    return html


def _leaf(branch: Branch, row: int) -> str:
    cells = (
        ("Estimate", branch.estimate),
        ("Evaluate", branch.evaluate or "no density to evaluate"),
        ("Sample", branch.sample),
    )
    answers = "".join(
        f'<div class="answer" style="grid-column:{column}"><b>{name}</b>{escape(text)}</div>'
        for column, (name, text) in enumerate(cells, start=5)
    )
    path = escape(" · ".join(branch.path))
    title = f'<span class="path">{path}</span><span class="title">{escape(branch.title)}</span>'
    if branch.built:
        head = (
            f'<a class="kind" href="{branch.family}" data-family="{branch.family}">{title}'
            '<span class="badge open">Open the lab →</span></a>'
        )
    else:
        head = f'<div class="kind">{title}<span class="badge">coming</span></div>'
    state = "built" if branch.built else "coming"
    return f'<div class="leaf {state}" style="--row:{row}">{head}{answers}</div>'


def _picture(branches: Sequence[Branch]) -> str:
    head = "".join(
        f'<div class="head" style="grid-area:1 / {column}"><b>{name}</b>{text}</div>'
        for column, name, text in (
            (5, "Estimate", "how it learns"),
            (6, "Evaluate", "what density it gives a point"),
            (7, "Sample", "how it draws new ones"),
        )
    )
    root = (
        f'<div class="block root" style="grid-area:2 / 1 / span {len(branches)}"><span>Generative models</span></div>'
    )
    leaves = "".join(_leaf(branch, row) for row, branch in enumerate(branches, start=2))
    return f'<div class="taxonomy">{head}{root}{_blocks(branches, 0)}{_blocks(branches, 1)}{leaves}</div>'


_component = st.components.v2.component("taxonomy", html=_picture(TAXONOMY), css=_CSS, js=_JS)
