"""A worker warms up piece by piece, and drops it for a request."""

import pytest

from engine.training.data import NamedData, _images
from engine.training.workers import worker


@pytest.fixture
def loaded(monkeypatch):
    """Record what warming loads, in order, without loading it."""
    order = []
    monkeypatch.setattr(worker, "_first_step", lambda: order.append("first step"))
    monkeypatch.setattr(worker, "import_module", order.append)
    monkeypatch.setattr("engine.catalogue.models", order.append)
    monkeypatch.setattr(NamedData, "open", lambda self: order.append(self.name))
    return order


def test_the_latent_lab_is_warm_first(loaded):
    worker.warm_up(lambda: False)
    assert loaded[:5] == ["first step", "latent", "engine.latent.views.history", "engine.latent.views.plane", "mnist"]
    assert {"density", "divergence"} <= set(loaded)


def test_a_request_that_waits_ends_the_warming_at_the_next_piece(loaded):
    worker.warm_up(lambda: len(loaded) >= 2)
    assert loaded == ["first step", "latent"]
    loaded.clear()
    worker.warm_up(lambda: True)
    assert loaded == []


def test_the_digits_stay_unpacked():
    data = NamedData("load_images", {"name": "mnist"})
    assert data.open() is data.open()
    assert _images.cache_info().currsize >= 1
