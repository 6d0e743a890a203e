"""The embedded image sets that labs offer, opened once for all visitors."""

from __future__ import annotations

import streamlit as st

from engine.data import Images, load_images

DATA = {"mnist": "MNIST digits", "fashion_mnist": "Fashion-MNIST"}


@st.cache_resource(show_spinner=False)
def images(name: str, only: int | None = None) -> tuple[Images, Images]:
    """Return the embedded training and held-out images, all of them or `only` one class."""
    return load_images(name, classes=None if only is None else (only,))
