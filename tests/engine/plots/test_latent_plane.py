"""The manifold's net and curve, heat maps below a figure, and codes on a line."""

import numpy as np
import pytest

from engine.plots import latent, latent_plane, style
from engine.plots.latent_plane import codes_figure, estimates_figure, manifold_figure

DOMAIN = ((-1.0, 2.0), (0.0, 4.0))
POINTS, LABELS = np.zeros((3, 2), np.float32), np.array([0, 1, 0])


def named(figure, name):
    return [trace for trace in figure["data"] if trace.get("name") == name]


def drawn(manifolds, densities=None):
    densities = densities or [None] * len(manifolds)
    captions = [str(i) for i in range(len(manifolds))]
    return manifold_figure(manifolds, densities, captions, points=POINTS, labels=LABELS, domain=DOMAIN)


def test_a_net_is_its_rows_and_columns_with_gaps_between():
    net = np.arange(18, dtype=np.float32).reshape(3, 3, 2)
    (trace,) = named(drawn([net]), "manifold")
    lines = np.split(np.column_stack([trace["x"], trace["y"]]), np.flatnonzero(np.isnan(trace["x"])) + 1)
    lines = [line[~np.isnan(line[:, 0])] for line in lines if len(line)]
    np.testing.assert_array_equal(lines, [*net, *net.swapaxes(0, 1)])


def test_a_curve_has_no_gap_and_each_class_its_own():
    curve = np.ones((25, 2), np.float32)
    (trace,) = named(drawn([curve]), "manifold")
    assert not np.isnan(trace["x"]).any()
    two = named(drawn([np.stack([curve, 2 * curve])]), "manifold")
    assert [one["x"][0] for one in two] == [1, 2]
    assert two[0]["line"]["color"] != two[1]["line"]["color"]


def test_densities_lie_below_and_change_with_the_frame():
    curve = np.ones((5, 2), np.float32)
    figure = drawn([curve, 2 * curve], [None, np.full((6, 6), 3.0)])
    assert figure["data"][0]["type"] == "heatmap"
    assert figure["data"][0]["x"][0] == pytest.approx(-0.75)  # the centre of the first of six cells
    assert [frame["data"][0]["z"].max() for frame in figure["frames"]] == [0, 3]
    for frame in figure["frames"]:
        names = [figure["data"][number]["name"] for number in frame["traces"]]
        assert names == ["density", "manifold"]
    assert [frame["data"][1]["x"][0] for frame in figure["frames"]] == [1, 2]


def test_codes_on_a_line_stand_below_both_densities():
    codes = [np.column_stack([np.full(3, place), np.zeros(3)]) for place in (0.0, 1.0)]
    aggregate = np.full(8, 0.25)
    figure = codes_figure(codes, [None, aggregate], ["a", "b"], labels=LABELS, latent_size=1, has_prior=True)
    (ticks,) = named(figure, "codes")
    assert (ticks["y"] < 0).all()
    prior = named(figure, "prior p(z)")[0]
    assert prior["y"].max() == pytest.approx(1 / np.sqrt(2 * np.pi), rel=0.2)
    assert [frame["data"][1]["y"].max() for frame in figure["frames"]] == [0, 0.25]
    assert [frame["data"][0]["x"][0] for frame in figure["frames"]] == [0, 1]


@pytest.mark.parametrize("latent_size", [1, 2, 3])
def test_nothing_learnt_yet_can_be_drawn(latent_size):
    none = np.zeros((0, 2), np.float32)
    for has_prior in (True, False):
        figure = codes_figure([none], [None], [""], labels=LABELS[:0], latent_size=latent_size, has_prior=has_prior)
        assert figure["layout"]["xaxis"]["range"] == [-latent.REACH, latent.REACH]
    assert len(named(drawn([none]), "manifold")[0]["x"]) == 0
    strip = latent.strip_figure([none[:, 0]], np.arange(10), [""], class_names=["x"] * 10)
    assert len(named(strip, "codes")[0]["x"]) == 0


def test_the_picture_fits_the_settled_part_of_the_estimates():
    epochs = np.arange(101.0)
    values = np.column_stack([np.where(epochs < 3, -1e6, -2.0), np.full(101, 0.1)])
    values[-1, 0] = -1.0
    figure = estimates_figure({"ELBO": (epochs, values)}, "nats")
    low, high = figure["layout"]["yaxis"]["range"]
    assert -2.2 < low < -2
    assert -1 < high < -0.8
    assert (figure["data"][0]["error_y"]["array"] == 0.1).all()


def test_classes_of_points_have_the_colours_of_the_pad():
    assert latent_plane._colours(LABELS) == [style.DATA, style.SECOND, style.DATA]


def test_a_strip_has_a_line_for_each_class_and_hides_no_dot():
    labels = np.repeat(np.arange(10), 20)
    figure = latent.strip_figure([np.zeros(200)], labels, ["now"], class_names=[str(i) for i in range(10)])
    (dots,) = named(figure, "codes")
    np.testing.assert_array_equal(np.rint(dots["y"]), labels)
    assert len(set(dots["y"])) == 200
