"""Numbers as people read them."""

from __future__ import annotations

import math

from engine.grid import Domain


def written(value: float, form: str) -> str:
    """Write `value` in Python's format `form`, such as ".3f", with a true minus sign."""
    return format(value, form).replace("-", "−")


def amount(value: float, unit: str = "nats", form: str = ".3f") -> str:
    """Write a measure's value with its unit, and infinity as ∞."""
    number = written(value, form) if math.isfinite(value) else "∞" if value > 0 else "−∞"
    return f"{number}\u00a0{unit}" if unit else number


def digits_for(domain: Domain) -> int:
    """Return how many digits of a coordinate tell a hundredth of the domain apart: 3, and more far from 0."""
    far_out = max(max(abs(low), abs(high)) / (high - low) for low, high in domain)
    return 3 + max(0, math.ceil(math.log10(far_out)))


def as_precise(value: float, error: float | None) -> str:
    """Write `value` in four significant digits, or more where two digits of its standard error take more."""
    digits = math.ceil(math.log10(abs(value) / error)) + 2 if error and value else 4
    return written(value, f".{min(max(digits, 4), 15)}g")
