"""Numbers as people read them."""

from __future__ import annotations


def written(value: float, form: str) -> str:
    """Write `value` in Python's format `form`, such as ".3f", with a true minus sign."""
    return format(value, form).replace("-", "−")
