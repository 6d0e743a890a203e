"""What every test starts from, and how the tests are shared out among pytest-xdist's processes."""

import os

from xdist.scheduler import LoadScopeScheduling

# As app.py does, before torch and NumPy are loaded; tests/test_house.py holds the two together.
for _library in ("OMP", "OPENBLAS"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")


class _BrowserTogether(LoadScopeScheduling):
    """Give all tests of the browser to one process, with one server; of the others each file keeps together."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::")[0]
        return "browser" if file.startswith("tests/browser/") else file


def pytest_xdist_make_scheduler(config, log):
    return _BrowserTogether(config, log)
