"""Words that follow a training: a line of status, a warning, a table of numbers (see `live`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Literal

from pages.components.live import Live, now, told
from pages.components.serving.modules import component

Look = Literal["caption", "info", "warning", "error"]
_mount = component("live_text")


def live_text(text: str | Callable[[], str], *, key: str, look: Look = "caption", live: Live | None) -> None:
    """Show a sentence, or nothing where it is empty.

    `look` says how: a warning is announced to who can't see it.
    """
    show_html(lambda: escape(now(text), quote=False), key=key, look=look, live=live)


def live_sentences(
    sentences: Callable[[], Sequence[str]], *, link: str, key: str, look: Look = "caption", live: Live | None,
) -> None:  # fmt: skip
    """Show the sentence of the step at which the timeline with this `link` is, or nothing where it is empty.

    `sentences` returns one for each step of that timeline so far, none before the first.
    """

    def message() -> dict[str, object]:
        steps = [escape(sentence, quote=False) for sentence in sentences()]
        return {"html": steps[-1] if steps else "", "steps": steps, "link": link, "look": look}

    _mount(key=key, data=told(live, key, message))


def show_html(
    html: Callable[[], str], *, key: str, look: Look | Literal["plain", "table", "pairs"], live: Live | None,
) -> None:  # fmt: skip
    """Show HTML whose words are escaped, or nothing where it is empty."""

    def message() -> dict[str, object]:
        made = html()
        return {"html": made, "look": look, "hidden": not made}

    _mount(key=key, data=told(live, key, message))


def html_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of plain cells, names to the left and numbers to the right; no head where all of it is empty."""

    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell, quote=False)}</{tag}>" for cell in cells) + "</tr>"

    top = f"<thead>{line(head, 'th')}</thead>" if any(head) else ""
    return f"<table>{top}<tbody>{''.join(line(row, 'td') for row in rows)}</tbody></table>"
