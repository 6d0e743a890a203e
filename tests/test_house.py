"""The house keeps its rules: what the home page may import, which folders stand at the top."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_importing_the_app_imports_neither_torch_nor_sklearn():
    code = "import sys, app, pages.home.taxonomy; print(sorted({'torch', 'sklearn'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip().splitlines()[-1] == "[]"


def test_only_the_agreed_folders_stand_at_the_top():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    folders = {Path(name).parts[0] for name in tracked if "/" in name}
    assert folders <= {"pages", "engine", "pretrained", "tests", "docs", ".streamlit", ".ci"}


def test_the_engine_never_imports_the_user_interface():
    sources = {path: path.read_text() for path in (ROOT / "engine").rglob("*.py")}
    assert len(sources) > 10
    assert [path for path, text in sources.items() if "import streamlit" in text or "from pages" in text] == []


# Each holds for the whole process, or for whatever else its threads run: other libraries, other visitors.
SWITCHES = {
    *("set_flush_denormal", "set_default_dtype", "set_default_device", "use_deterministic_algorithms"),
    *("set_num_threads", "set_num_interop_threads", "set_float32_matmul_precision", "set_printoptions"),
    *("fork_rng", "set_rng_state", "manual_seed_all"),
    *("catch_warnings", "simplefilter", "filterwarnings", "seterr", "setrecursionlimit", "setswitchinterval"),
}
THEIR_PLACE = {
    # A worker is a process of our own, and is told on its command line how many threads it may use.
    ("engine/training/workers/worker.py", "set_num_threads"),
    # Put back at once; a game in a notebook would else spend its time on threads that wait for each other.
    ("engine/device.py", "set_num_threads"),
}


def test_nothing_turns_a_switch_of_the_whole_process():
    found = set()
    for path in [ROOT / "app.py", *(ROOT / "engine").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]:
        called = {_name(node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
        found |= {(path.relative_to(ROOT).as_posix(), name) for name in called & SWITCHES}
    assert found == THEIR_PLACE


def _name(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)


def test_the_tests_run_in_the_settings_of_the_app():
    bare = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    code = "import app, json, os; print(json.dumps(dict(os.environ)))"
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=bare, capture_output=True, text=True, check=True
    )
    of_the_app = json.loads(shown.stdout.splitlines()[-1])
    threads = {name: value for name, value in of_the_app.items() if name.endswith("_NUM_THREADS")}
    assert threads
    assert threads == {name: os.environ.get(name) for name in threads}


def test_the_device_flushes_no_number_to_zero():
    import torch

    from engine.device import device

    assert float(torch.full((1,), 1e-40, device=device()) * 1) > 0


@pytest.mark.parametrize("name", ["vae_on_one_screen", "gan_on_one_screen"])
def test_a_model_on_one_screen_fits_on_one_and_learns(name):
    import torch

    from docs import gan_on_one_screen, vae_on_one_screen

    lines = (ROOT / "docs" / f"{name}.py").read_text("utf-8").splitlines()
    assert len(lines) < 60
    with torch.random.fork_rng():
        torch.manual_seed(0)
        if name == "vae_on_one_screen":
            first, *_, last = vae_on_one_screen.train(
                vae_on_one_screen.VAE(16, 8, 2), torch.eye(16).repeat(40, 1), 20, 32
            )
            assert last < 0.8 * first
        else:
            data = torch.randn(512, 2) * 0.1 + torch.tensor([2.0, 1.0])
            generator = gan_on_one_screen.network(2, 16, 2)
            judge = gan_on_one_screen.network(2, 16, 1, last=torch.nn.Sigmoid())
            game = gan_on_one_screen.play(generator, judge, data, 2)
            before = (generator(torch.randn(500, 2)).mean(0) - data.mean(0)).norm()
            for _ in range(1500):
                next(game)
            after = (generator(torch.randn(500, 2)).mean(0) - data.mean(0)).norm()
            assert after < 0.7 * before
