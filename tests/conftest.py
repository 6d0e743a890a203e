"""What every test starts from."""

import pytest


@pytest.fixture(autouse=True)
def _keep_subnormal_floats():
    # engine.device flushes subnormal numbers to zero on its thread for good, which hypothesis refuses to work with.
    import torch

    torch.set_flush_denormal(False)
