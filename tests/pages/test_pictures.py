"""Pictures are named by their content, kept within bounds, and served."""

import io

import numpy as np
from PIL import Image
from starlette.requests import Request

from pages.components.serving import files
from pages.components.serving.files import PATH, Files, serve_file
from pages.components.serving.pictures import animation, publish_picture


def noise(seed, shape=(28, 28)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def asked_for(name):
    return serve_file(Request({"type": "http", "path_params": {"name": name.removeprefix(PATH)}}))


def test_a_published_picture_is_served_as_it_is():
    for pixels in (noise(1), noise(1, (5, 7, 3))):
        answer = asked_for(publish_picture(pixels))
        assert answer.status_code == 200
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(answer.body))), pixels)


def test_the_name_is_the_content():
    kept = Files()
    assert publish_picture(noise(1), kept) == publish_picture(noise(1).copy(), kept)
    assert publish_picture(noise(1), kept) != publish_picture(noise(2), kept)
    assert publish_picture(np.zeros((2, 8), np.uint8), kept) != publish_picture(np.zeros((4, 4), np.uint8), kept)


def test_the_one_longest_unused_goes_first(monkeypatch):
    kept = Files()
    first, second = publish_picture(noise(1), kept), publish_picture(noise(2), kept)
    publish_picture(noise(1), kept)  # used again
    monkeypatch.setattr(files, "MOST_BYTES", len(kept.get(first)) * 2.5)
    publish_picture(noise(3), kept)
    assert kept.get(first) is not None
    assert kept.get(second) is None


def test_a_script_outlives_any_number_of_pictures(monkeypatch):
    kept = Files()
    name = kept.publish(b"export default () => {};", "js")
    monkeypatch.setattr(files, "MOST_BYTES", 2000)
    for seed in range(5):
        publish_picture(noise(seed), kept)
    assert kept.get(name) is not None


def test_an_unknown_picture_is_not_found():
    assert asked_for(f"{PATH}{'0' * 32}.png").status_code == 404


def test_an_animation_has_every_frame():
    file = Image.open(io.BytesIO(animation([noise(seed) for seed in range(4)])))
    assert file.n_frames == 4
