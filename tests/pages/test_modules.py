"""Components' scripts are modules that import each other by relative paths, under a prefix of their content."""

import re
from pathlib import Path

import pytest
from starlette.requests import Request

from pages.components.serving import modules

COMPONENTS = Path(modules.__file__).parents[1]
INDEXES = sorted(path.parent.name for path in COMPONENTS.glob("*/index.js"))
SCRIPTS = sorted(path.relative_to(COMPONENTS).as_posix() for path in COMPONENTS.glob("*/*.js"))
IMPORT = re.compile(r'^(?:import|export) [^"\n]*?from "([^"]+)";', re.MULTILINE)


def asked_for(path):
    """Return the answer to a name as a loader has it: the version's prefix, and the path of a module."""
    prefix, _, name = path.partition("/")
    parameters = {"version": prefix.removeprefix(modules.PATH), "name": name}
    return modules.serve_module(Request({"type": "http", "path_params": parameters}))


@pytest.mark.parametrize("component", INDEXES)
def test_a_component_is_loaded_by_a_short_script(component):
    loader = modules.module(component)
    assert len(loader) < 1000
    answer = asked_for(loader.split('"')[1])
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert b"export default" in answer.body


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_a_script_imports_is_there(script):
    folder = (COMPONENTS / script).parent
    for path in IMPORT.findall((COMPONENTS / script).read_text("utf-8")):
        assert path.startswith(("./", "../js/"))  # of its own folder, or of what all share
        assert (folder / path).is_file()


@pytest.mark.parametrize("name", ["nothing.js", "number/../serving/history.js", "number/__init__.py"])
def test_nothing_else_is_served(name):
    version = modules.name_of("number").split("/")[0]
    assert asked_for(f"{version}/{name}").status_code == 404


def test_another_version_is_not_served_under_this_one_s_name():
    assert asked_for(f"{modules.PATH}0123456789abcdef/number/index.js").status_code == 404
