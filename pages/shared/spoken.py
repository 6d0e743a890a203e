"""Names that are read out but not seen: of buttons on which an icon says to the eye what they do.

Streamlit would read out an icon's own name, "skip_next", for want of another. `frame.css` keeps bold letters of a
button, which have no other use, out of sight.
"""

from __future__ import annotations


def spoken(name: str, seen: str = "") -> str:
    """Return the label of a button or a popover that reads `name` and `seen`, of which the eye sees only `seen`."""
    return f"**{name}**" + (f"\N{NO-BREAK SPACE}{seen}" if seen else "")
