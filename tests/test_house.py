"""The house keeps its rules: what the home page may import, which folders stand at the top."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_importing_the_app_imports_neither_torch_nor_sklearn():
    code = "import sys, app, pages.widgets.taxonomy; print(sorted({'torch', 'sklearn'} & set(sys.modules)))"
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
