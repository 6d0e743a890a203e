"""Each lab has its own state under its own names, which its address says and no other lab changes."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from streamlit.testing.v1 import AppTest

from pages.components.serving import entrance
from tests.browser.conftest import ROOT

TABS = {
    "density": ("density", ["Bandwidth / K", "EM", "Convergence", "Outliers", "Sampling"]),
    "divergence": (
        "divergence",
        ["Fits in the plane", "Why: zero-avoiding, zero-forcing", "Total variation", "When a distance is blind"],
    ),
    "latent": ("latent", ["Manifold", "Reconstruct", "Walk", "Prior samples", "ELBO", "Side by side"]),
    "style_transfer": ("style", ["Grid", "Sliders", "Manifolds", "Where the styles lie"]),
    "adversarial": ("gan", ["Plane", "Compare", "Digits"]),
}
# What turns more of a lab's controls on.
MORE = {
    "density": {"density.data": "drawn"},
    "divergence": {"fits.target": "Drawn points"},
    "latent": {"latent.data": "points", "latent.tab": "Manifold"},
    "style_transfer": {"style.model.source": "Train here", "style.way": "A digit of my own", "style.tab": "Grid"},
    "adversarial": {"compare.data.R₁": "drawn", "gan.tab": "Compare"},
}


def at_home() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    app.session_state["game.autoplay"] = False
    return app


def entered(app: AppTest, page: str, **state: object) -> AppTest:
    app.query_params.clear()  # a browser leaves a page's address behind
    app.switch_page(f"pages/{page}/lab.py").run()
    for key, value in state.items():
        app.session_state[key] = value
    return checked(app.run() if state else app)


def checked(app: AppTest) -> AppTest:
    assert not app.exception, [error.message for error in app.exception]
    return app


def names(page: str) -> set[str]:
    """Return the names of all that a lab's tabs keep in the session."""
    app = at_home()
    before = set(app.session_state._state.filtered_state)
    entered(app, page)
    lab, tabs = TABS[page]
    for tab in tabs:
        app.session_state[f"{lab}.tab"] = tab
        checked(app.run())
    entered(app, page, **MORE[page])
    if page == "latent":
        app.session_state["latent.points.run"].stop()
    return set(app.session_state._state.filtered_state) - before


def test_no_two_labs_keep_anything_under_one_name():
    found = {page: names(page) for page in TABS}
    assert all(len(one) > 10 for one in found.values())
    shared = {(a, b): found[a] & found[b] for a, b in combinations(found, 2)}
    assert not any(shared.values()), shared


def state(app: AppTest) -> dict[str, object]:
    """Return all that a person has chosen: settings, the address and the drawings."""
    kept = app.session_state._state.filtered_state
    plain = {key: value for key, value in kept.items() if isinstance(value, (str, int, float, bool, list, tuple))}
    drawings = {key: value.points.tobytes() for key, value in kept.items() if key.endswith(".drawing") and value}
    return plain | drawings | {f"?{key}": value for key, value in dict(app.query_params).items()}


def drawn(app: AppTest, key: str) -> AppTest:
    """Draw a point more, as a person's stroke does."""
    content = app.session_state[key]
    points = np.concatenate([content.points, np.float32([[0.5, 0.5, 0]])])
    app.session_state[key] = replace(content, points=points, sequence=content.sequence + 1)
    return checked(app.run())


def test_a_lab_is_found_again_as_it_was_left():
    app = at_home()
    entered(app, "density", **{"density.data": "annulus", "density.n": 300, "views": 2, "density.tab": "Sampling"})
    app = drawn(app, "density.pad.drawing")
    app.session_state["draws"] = 40
    before = state(checked(app.run()))
    assert before["density.data"] == "drawn"
    entered(app, "adversarial", **{"game.lesson": list_of_lessons()[1]})
    assert not [name for name in app.query_params if name.startswith(("density.", "views", "draws"))]
    entered(app, "divergence", **{"fits.target": "Drawn points", "fits.data": "circles"})
    entered(app, "latent", **{"latent.data": "points", "latent.points.n": 100})
    app.session_state["latent.points.run"].stop()
    after = state(entered(app, "density")) | {"game.autoplay": False}  # set above for a quiet test
    assert {key: after.get(key) for key in before} == before
    assert {"?density.points", "?density.data", "?views", "?draws", "?density.tab"} <= after.keys()


def list_of_lessons() -> list[str]:
    from engine.adversarial.lessons import LESSONS

    return [lesson.name for lesson in LESSONS]


def answer(url: str) -> Response:
    path, _, query = url.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}
    assert any(route.matches(scope)[0] is Match.FULL for route in entrance.ENTRANCES)
    return entrance.serve_entrance(Request(scope))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (
            "/density?data=Annulus&n=900&views=2&tab=EM",
            "density?density.data=Annulus&density.n=900&views=2&density.tab=EM",
        ),
        ("/latent?tab=Walk&digit=ab", "latent?latent.tab=Walk&latent.digit=ab"),
        ("/style_transfer?latent.source=Train+here", "style_transfer?style.model.source=Train+here"),
        ("/behind/a/proxy/adversarial?points=v1x%2By", "adversarial?game.points=v1x%2By"),
    ],
)
def test_a_link_of_before_leads_to_the_same_state(before, now):
    found = answer(before)
    assert found.status_code == 307
    assert found.headers["location"] == now


@pytest.mark.parametrize("path", ["/", "/density", "/density?density.n=900", "/behind/a/proxy/latent"])
def test_every_page_comes_with_our_script_before_streamlits(path):
    page = answer(path)
    assert page.status_code == 200
    assert 0 < page.body.index(b"history.pushState = ") < page.body.index(b'src="./static/js/')
    assert b"button strong {" in page.body  # a style that came with the elements would come late
