"""Three tabs of the divergence lab as Streamlit runs them, without a browser."""

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.divergence import coin_sum, discrete, parallel_lines
from pages.divergence.tabs import blind_distances, kl_integrands, total_variation

DEMO = Path(__file__).parents[1] / "browser" / "divergence_tabs_demo.py"


def tab(name, **parameters) -> AppTest:
    app = AppTest.from_file(DEMO, default_timeout=60)
    app.query_params["tab"] = name
    for key, value in parameters.items():
        app.query_params[key.replace("_", ".")] = value
    app.run()
    assert not app.exception, [error.message for error in app.exception]
    return app


def nats(app):
    return [float(number) for block in app.latex for number in re.findall(r"(\d+\.\d{3})", block.value)]


def captions(app):
    return " ".join(caption.value for caption in app.caption)


def test_why_shows_both_divergences_and_goes_to_their_optima():
    app = tab("Why")
    assert nats(app) == [1.844, 2.041]
    app.button(key="why.reverse_kl.0").click().run()
    assert app.slider(key="why.mean").value == pytest.approx(-2, abs=0.01)
    assert app.slider(key="why.width").value == pytest.approx(0.6, abs=0.01)
    # q is then the first of two modes that hardly overlap: KL(q‖p) = −log of its weight.
    assert nats(app)[1] == pytest.approx(-np.log(0.6), abs=2e-3)
    app.button(key="why.kl.0").click().run()
    assert nats(app)[0] == pytest.approx(0.557, abs=1e-3)
    assert app.slider(key="why.width").value == pytest.approx(np.sqrt(0.36 + 0.24 * 16), abs=0.01)


@pytest.mark.parametrize("target", kl_integrands.TARGETS)
def test_every_target_has_landscapes_with_optima_within_reach(target):
    app = tab("Why", why_target=target)
    assert app.selectbox(key="why.target").value == target
    for measure in ("kl", "reverse_kl"):
        app.button(key=f"why.{measure}.0").click().run()
        assert not app.exception
        best = float(re.search(r"(\d\.\d+)", app.button(key=f"why.{measure}.0").label)[1])
        assert nats(app)[["kl", "reverse_kl"].index(measure)] == pytest.approx(best, abs=2e-3)
    if target == "One normal":
        assert nats(app) == [0, 0]


@pytest.mark.parametrize("extreme", [(0.0, 0.05, 0.25), (8.0, 0.95, 4.0), (8.0, 0.5, 0.25), (0.0, 0.5, 4.0)])
def test_the_sliders_ends_are_no_trouble(extreme):
    separation, weight, ratio = map(str, extreme)
    app = tab("Why", why_separation=separation, why_weight=weight, why_ratio=ratio, why_mean="5", why_width="0.15")
    assert len(nats(app)) == 2
    for measure in ("kl", "reverse_kl"):
        app.button(key=f"why.{measure}.0").click().run()
        best = float(re.search(r"(\d\.\d+)", app.button(key=f"why.{measure}.0").label)[1])
        assert nats(app)[["kl", "reverse_kl"].index(measure)] == pytest.approx(best, abs=2e-3)


def test_landscapes_are_not_computed_again_when_q_moves(monkeypatch):
    app = tab("Why", why_separation="3.3")

    def forbidden(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr(kl_integrands, "gaussian_landscape", forbidden)
    app.slider(key="why.mean").set_value(-1.0).run()
    assert not app.exception
    app.slider(key="why.separation").set_value(3.4).run()
    assert app.exception


def test_a_link_opens_the_same_q():
    app = tab("Why", why_mean="-1.469", why_width="0.433", why_weight="0.3")
    assert (app.slider(key="why.mean").value, app.slider(key="why.width").value) == (-1.469, 0.433)
    assert app.slider(key="why.weight").value == 0.3


def test_both_sides_of_total_variation_agree_on_all_events():
    app = tab("Total variation", tv_p="0.1,0.4,0.2,0.3", tv_q="0.3,0.1,0.2,0.4")
    assert nats(app) == [0.3, 0.3]
    events = app.dataframe[0].value
    assert len(events) == 16
    assert events.iloc[0]["Event A"] == "{2}"
    gaps = events[total_variation.GAP].to_numpy()
    assert gaps[0] == pytest.approx(0.3)
    assert (np.diff(gaps) <= 1e-9).all()
    np.testing.assert_allclose(gaps, np.abs(events["P(A)"] - events["Q(A)"]))


@pytest.mark.parametrize("n", range(2, 9))
def test_every_pair_of_every_size(n):
    app = tab("Total variation", tv_n=str(n))
    expected = {"same": 0.0, "disjoint": 1.0}
    for name in map(str.lower, total_variation.PAIRS):
        app.button(key=f"tv.{name}").click().run()
        assert not app.exception
        assert not app.warning
        largest, half_sum = nats(app)
        assert largest == half_sum == pytest.approx(expected.get(name, half_sum))
    assert len(app.dataframe[0].value) == 2**n


def test_disjoint_distributions_are_infinitely_far_in_kl():
    app = tab("Total variation")
    app.button(key="tv.disjoint").click().run()
    shown = next(text.value for text in app.markdown if "mathrm{KL}" in text.value)
    assert shown.count("∞") == 3
    assert "inf" not in shown.replace("\\inf", "")
    app.button(key="tv.same").click().run()
    assert app.text_input(key="tv.q").value == app.text_input(key="tv.p").value
    assert "∅" in next(text.value for text in app.markdown if "All 16 events" in text.value)


def test_random_pairs_differ_from_press_to_press():
    app = tab("Total variation")
    app.button(key="tv.random").click().run()
    first = app.text_input(key="tv.p").value
    assert first != app.text_input(key="tv.q").value
    app.button(key="tv.random").click().run()
    assert app.text_input(key="tv.p").value != first


@pytest.mark.parametrize("text", ["0.1,0.2", "a,b,c,d", "0.9,0.9,0.9,0.9", "nan,0,0,1", "x" * 500])
def test_bad_text_gets_a_sentence_and_the_default(text):
    app = tab("Total variation", tv_p=text)
    assert "default is used" in app.warning[0].value
    assert nats(app) == [0.2, 0.2]


def test_a_new_number_of_outcomes_starts_anew():
    app = tab("Total variation", tv_p="0.1,0.4,0.2,0.3")
    app.slider(key="tv.n").set_value(3).run()
    assert not app.warning
    assert app.text_input(key="tv.p").value == "0.5,0.333,0.167"


def test_sharp_lines_are_seen_by_the_wasserstein_distance_alone():
    app = tab("Blind", blind_theta="-1.3")
    shown = captions(app).replace("\u00a0", " ")
    assert "KL = ∞ nats, JS = 0.693 nats, TV = 1.000, W₁ = 1.30 data units" in shown
    assert "gradient is 0" in shown
    app.slider(key="blind.theta").set_value(0.0).run()
    assert "KL = 0.000 nats" in captions(app).replace("\u00a0", " ")
    app.slider(key="blind.blur").set_value(0.5)
    app.slider(key="blind.theta").set_value(1.0).run()
    assert "KL = 2.000 nats" in captions(app).replace("\u00a0", " ")


@pytest.mark.parametrize("n", [1, 200])
def test_coins_stay_at_total_variation_one(n):
    shown = captions(tab("Blind", blind_coins=str(n))).replace("\u00a0", " ")
    assert "TV = 1.000" in shown
    assert f"W₁ = {coin_sum(n).measures['wasserstein']:.3f} data units" in shown
    assert f"one of its {n + 1} places" in shown


def run(snippet):
    names: dict = {}
    exec(snippet, names)
    return names


@pytest.mark.parametrize("name", ["Why", "Total variation", "Blind"])
def test_the_code_on_show_is_what_runs(name):
    app = tab(name)
    assert len(app.code) == (2 if name == "Blind" else 1)
    for block in app.code:
        run(block.value)


def test_snippets_make_the_numbers_on_show():
    mixture = kl_integrands.Mixture((0.6, 0.4), (-2.0, 2.0), (0.36, 0.36))
    names = run(kl_integrands.snippet(mixture, 0.5, 1.0))
    assert (names["forward"], names["reverse"]) == pytest.approx((1.844, 2.041), abs=1e-3)
    assert names["optima"]["reverse_kl"][0].value == pytest.approx(-np.log(0.6), abs=2e-3)
    p, q = np.array([0.5, 0.25, 0.25]), np.array([0.25, 0.25, 0.5])
    names = run(total_variation.snippet(p, q))
    assert names["events"].gap.max() == names["measures"]["total_variation"] == 0.25
    assert names["measures"] == discrete.divergences(p, q)
    measures = run(blind_distances.lines_snippet(0.4, 0.2))["measures"]
    assert measures["kl"][0] == parallel_lines([0.4], 0.2)["kl"][0] == pytest.approx(2)
    assert run(blind_distances.coins_snippet(7))["coins"].kolmogorov == coin_sum(7).kolmogorov
