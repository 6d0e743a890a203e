"""What every test starts from."""

import os

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # as many of these as cores: threads of their own would only wait
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _keep_subnormal_floats():
    # engine.device flushes subnormal numbers to zero on its thread for good, which hypothesis refuses to work with.
    import torch

    torch.set_flush_denormal(False)
