"""The point code of links: round trip, size, and that hostile text gets a sentence and no memory."""

import base64
import re
import string
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import decode_points, encode_points, load_points
from engine.data.codec import MAX_BYTES, MAX_LINK_POINTS
from engine.model import DataError

SQUARE = ((-1.75, 2.75), (-2.0, 2.5))


def stroke(n, rng):
    """Points of a brush: a smooth path with spread."""
    path = np.cumsum(np.cumsum(rng.normal(size=(n, 2)), axis=0), axis=0)
    path = 0.1 + 0.8 * (path - path.min(axis=0)) / np.ptp(path, axis=0)
    return (path + 0.02 * rng.standard_normal((n, 2))).clip(0, 1)


@st.composite
def drawings(draw):
    d, n = draw(st.integers(1, 2)), draw(st.integers(0, 60))
    low = draw(st.floats(-1e6, 1e6))
    domain = tuple((low + axis, low + axis + draw(st.floats(1e-3, 1e4))) for axis in range(d))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    bounds = np.array(domain)
    x = rng.choice([rng.uniform(*bounds.T, (n, d)), np.repeat(bounds[None, :, 0], n, 0)])
    labels = draw(st.sampled_from([None, rng.integers(4, size=n), np.zeros(n, int)]))
    return x, labels, domain


@settings(max_examples=100, deadline=None)
@given(drawings())
def test_round_trip_keeps_order_labels_domain_and_twelve_bits(drawing):
    x, labels, domain = drawing
    text = encode_points(x, labels, domain)
    back, back_labels, back_domain = decode_points(text)
    assert back_domain == domain
    assert back.shape == x.shape
    width = np.array(domain)[:, 1] - np.array(domain)[:, 0]
    assert (np.abs(back - x) <= width / (2 * 4095) * (1 + 1e-6)).all()
    if labels is None:
        assert back_labels is None
    else:
        assert back_labels.dtype == np.uint8
        np.testing.assert_array_equal(back_labels, labels)


def test_text_is_url_safe_and_short():
    rng = np.random.default_rng(0)
    random = encode_points(rng.uniform(size=(500, 2)), rng.integers(2, size=500), ((0, 1), (0, 1)))
    assert re.fullmatch(r"[A-Za-z0-9_-]+", random)
    assert len(random) <= 2200
    strokes = np.concatenate([stroke(250, rng), stroke(250, rng)])
    drawn = encode_points(strokes, np.repeat([0, 1], 250), ((0, 1), (0, 1)))
    assert len(drawn) < 0.9 * len(random)
    moons = load_points("two_moons", seed=4)
    assert len(encode_points(moons.x, moons.labels, moons.domain)) <= 2200


def test_encoding_again_changes_nothing():
    moons = load_points("two_moons", n=50)
    text = encode_points(moons.x, moons.labels, moons.domain)
    assert encode_points(*decode_points(text)) == text


@pytest.mark.parametrize(
    ("x", "labels", "domain", "sentence"),
    [
        (np.zeros((MAX_LINK_POINTS + 1, 2)), None, SQUARE, "601 points are too many for a link"),
        ([[0, 0], [9, 9]], None, SQUARE, "1 of 2 points lie outside the drawn area"),
        ([[0, 0]], [4], SQUARE, "labels from 0 to 3"),
        ([[0, 0]], [1, 2], SQUARE, "each point needs one label"),
        ([[0, np.nan]], None, SQUARE, "NaN"),
        ([[0, 0]], None, ((1, 1), (0, 1)), "from a smaller to a larger"),
        ([[0, 0]], None, ((0, np.inf), (0, 1)), "from a smaller to a larger"),
        ([[0, 0]], None, ((0, 1),), "1-D"),
    ],
)
def test_what_a_link_cannot_hold_gets_a_sentence(x, labels, domain, sentence):
    with pytest.raises(DataError, match=sentence):
        encode_points(x, labels, domain)


def pack(raw):
    return "v1" + base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode().rstrip("=")


def unpack(text):
    payload = text[2:]
    return zlib.decompress(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


VALID = encode_points(load_points("two_moons", n=20).x, [1] * 20, SQUARE)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "another version"),
        ("v2" + VALID[2:], "another version"),
        ("v1", "damaged"),
        ("v1!!!!", "damaged"),
        ("v1é", "damaged"),
        (VALID[:-4], "damaged"),
        (VALID + "AAAA", "damaged"),
        (VALID + "=" * 20, "damaged"),
        ("v1" + "A" * 100_000, "too long"),
        (pack(bytes(1_000_000)), "damaged"),
        (pack(bytes(MAX_BYTES)), "damaged"),
        (pack(b""), "damaged"),
        (pack(b"\x03" + unpack(VALID)[1:]), "damaged"),
        (pack(b"\x02\x07" + unpack(VALID)[2:]), "damaged"),
        (pack(b"\x02\x01\xff\xff" + unpack(VALID)[4:]), "damaged"),
        (pack(unpack(VALID)[:-1]), "damaged"),
        (
            pack(unpack(VALID)[:4] + np.array([[0, np.nan], [0, 1]]).tobytes() + unpack(VALID)[36:]),
            "smaller to a larger",
        ),
        (pack(unpack(VALID)[:4] + np.array([[1, 0], [0, 1]]).tobytes() + unpack(VALID)[36:]), "smaller to a larger"),
    ],
)
def test_hostile_text_gets_a_sentence(text, sentence):
    with pytest.raises(DataError, match=sentence):
        decode_points(text)


def points_or_sentence(text):
    try:
        x, labels, domain = decode_points(text)
    except DataError:
        return
    assert len(x) <= MAX_LINK_POINTS
    assert x.shape[1] == len(domain)
    assert np.isfinite(x).all()
    assert labels is None or labels.shape == (len(x),)


@settings(max_examples=150, deadline=None)
@given(st.text(), st.text(string.ascii_letters + string.digits + "-_="), st.binary())
def test_any_text_gives_points_or_a_sentence(text, base64_text, raw):
    points_or_sentence(text)
    points_or_sentence("v1" + base64_text)
    points_or_sentence(pack(raw))
    header_kept = unpack(VALID)[:4] + raw
    points_or_sentence(pack(header_kept + unpack(VALID)[len(header_kept) :]))
