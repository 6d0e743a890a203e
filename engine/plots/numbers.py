"""Numbers as people read them."""

from __future__ import annotations

import math


def written(value: float, form: str) -> str:
    """Write `value` in Python's format `form`, such as ".3f", with a true minus sign."""
    return format(value, form).replace("-", "−")


def amount(value: float, unit: str = "nats", form: str = ".3f") -> str:
    """Write a measure's value with its unit, and infinity as ∞."""
    number = written(value, form) if math.isfinite(value) else "∞" if value > 0 else "−∞"
    return f"{number}\u00a0{unit}" if unit else number
