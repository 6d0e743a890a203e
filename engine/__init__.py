"""Generative models that all answer the same three questions: estimate, evaluate, sample.

Nothing here imports Streamlit: the package works the same in the app, a notebook or a script.
"""

from typing import Any

__all__ = ["load_pretrained", "pretrained_names"]


def __getattr__(name: str) -> Any:
    """Find `load_pretrained` and `pretrained_names` when first asked for: they need torch, and most of us do not."""
    if name in __all__:
        from engine import pretrain

        return getattr(pretrain, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
