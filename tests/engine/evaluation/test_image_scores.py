"""Scores of generated images against closed forms, and of real images against what they must be."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from engine.data import Images, load_images
from engine.evaluation.classifier import Classifier
from engine.evaluation.image_scores import (
    Judge,
    Moments,
    bootstrap,
    coverage,
    frechet_distance,
    inception_score,
    moments,
)
from engine.model import DataError


def test_the_inception_score_is_one_of_doubt_and_the_number_of_classes_of_certainty():
    assert inception_score(np.full((30, 10), 0.1)) == pytest.approx(1)
    assert inception_score(np.tile(np.eye(10)[3], (30, 1))) == pytest.approx(1)  # all alike
    assert inception_score(np.tile(np.eye(10), (3, 1))) == pytest.approx(10)
    p = np.random.default_rng(0).dirichlet(np.ones(4), 50)
    divergences = (p * np.log(p / p.mean(axis=0))).sum(axis=1)
    assert inception_score(p) == pytest.approx(np.exp(divergences.mean()))


def test_the_frechet_distance_of_normals():
    along = Moments(np.array([1.0]), np.array([[4.0]])), Moments(np.array([-2.0]), np.array([[9.0]]))
    assert frechet_distance(*along) == pytest.approx(9 + (2 - 3) ** 2)  # (μ₁ − μ₂)² + (σ₁ − σ₂)²
    generator = np.random.default_rng(0)
    p, q = (moments(generator.standard_normal((200, 5)) @ generator.standard_normal((5, 5))) for _ in range(2))
    expected = np.square(p.mean - q.mean).sum() + np.trace(
        p.covariance + q.covariance - 2 * sqrtm(p.covariance @ q.covariance).real
    )
    assert frechet_distance(p, q) == pytest.approx(expected)
    assert frechet_distance(q, p) == pytest.approx(expected)
    assert frechet_distance(p, p) == pytest.approx(0, abs=1e-9)


def test_a_class_counts_when_enough_images_are_certainly_of_it():
    rows = np.repeat(np.eye(3), [98, 1, 1], axis=0)
    assert coverage(rows) == 3
    rows[-1] = [0, 0.15, 0.85]  # not certain
    assert coverage(rows) == 2
    assert coverage(np.repeat(np.eye(3), [150, 1, 49], axis=0)) == 2  # too few


def test_the_bootstrap_finds_the_standard_error_of_a_mean():
    values = np.random.default_rng(1).normal(3, 2, 400)
    found = bootstrap(lambda rows: float(rows.mean()), values, repeats=400)
    assert float(found) == pytest.approx(values.mean())
    assert found.standard_error == pytest.approx(values.std() / 20, rel=0.15)


@pytest.fixture(scope="module")
def judge():
    train, held_out = load_images("mnist")
    few = Images(train.images[:3000], train.labels[:3000], train.class_names)
    return Judge(Classifier(epochs=3).fit(few), few, Images(held_out.images, held_out.labels, held_out.class_names))


def test_real_images_score_best(judge):
    real = judge.real
    assert real.n == 1000
    assert real.coverage >= 9
    assert real.inception_score > 5
    assert real.label_accuracy == pytest.approx(judge.reader.accuracy(judge.held_out))
    assert real.shares.sum() == pytest.approx(1)
    one_class = judge.held_out.images[judge.held_out.labels == 1]
    ones = judge.scores(one_class, 1)
    assert ones.coverage == 1
    assert ones.inception_score < 2
    assert ones.label_accuracy > 0.9
    noise = judge.scores(np.random.default_rng(0).random((200, 28, 28), np.float32))
    assert noise.label_accuracy is None
    for worse in (ones, noise):
        assert worse.frechet_distance > 5 * real.frechet_distance
    for estimate in (real.inception_score, real.frechet_distance, real.label_accuracy):
        assert 0 < estimate.standard_error < 0.3 * estimate


def test_one_image_has_no_score(judge):
    with pytest.raises(DataError, match="at least two images"):
        judge.scores(judge.held_out.images[:1])
