"""What every test starts from, and how the tests are shared out among pytest-xdist's processes."""

import os

import pytest
from xdist.scheduler import LoadScopeScheduling

# Before torch and NumPy are loaded: as many threads as cores in each of several processes wait for each other.
for _library in ("OMP", "OPENBLAS"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")


class _BrowserTogether(LoadScopeScheduling):
    """Give all tests of the browser to one process, with one server; of the others each file keeps together."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::")[0]
        return "browser" if file.startswith("tests/browser/") else file


def pytest_xdist_make_scheduler(config, log):
    return _BrowserTogether(config, log)


@pytest.fixture(autouse=True)
def _keep_subnormal_floats():
    # engine.device flushes subnormal numbers to zero on its thread for good, which hypothesis refuses to work with.
    import torch

    torch.set_flush_denormal(False)
