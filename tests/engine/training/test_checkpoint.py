"""What is saved comes back exactly; what is damaged, foreign or newer is refused in words."""

import hashlib
import io
import json
import lzma
import pickle

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from engine.catalogue import models
from engine.density import GaussianMixture, KernelDensity
from engine.model import DataError
from engine.training import View, load_checkpoint, save_checkpoint, snapshots
from engine.training.checkpoints.manifest import MANIFEST, VIEWS, WEIGHTS
from engine.training.checkpoints.packing import pack_arrays
from tests.engine.training.tiny import Line

ALLOWED = ("engine", "tests")


def points(n=150):
    return np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)


@pytest.fixture
def folder(tmp_path):
    model = GaussianMixture(n_components=2, max_iterations=5, starts=((0.0, 1.0),), start="by hand", seed=4)
    taken = list(snapshots(model, points()))
    picture = np.random.default_rng(1).integers(0, 256, (6, 9), dtype=np.uint8)
    for index, snapshot in enumerate(taken):
        snapshot.views["manifold"] = (picture + index).astype(np.uint8)[:, : 9 if index < 3 else 8]
        snapshot.views["positions"] = model.means.astype(np.float32) + index
        snapshot.views["half"] = np.float16([0.5, index])
    del taken[2].views["manifold"]
    save_checkpoint(tmp_path / "mixture", model, "two_moons", taken, {"note": "a test"})
    return tmp_path / "mixture", model, taken


def change(folder, name, content):
    """Put other content into a file and make the manifest agree with it."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / MANIFEST).write_text(json.dumps(manifest))


def edit(folder, **values):
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | values))


def test_round_trip(folder):
    path, model, taken = folder
    loaded = load_checkpoint(path, GaussianMixture)
    assert loaded.model.hyperparameters == model.hyperparameters
    np.testing.assert_array_equal(loaded.model.log_prob(points()), model.log_prob(points()))
    assert len(loaded.snapshots) == len(taken) == 6
    for one, other in zip(loaded.snapshots, taken, strict=True):
        assert one.same_as(other)
        assert one.seconds == other.seconds
        dtypes = {name: view.dtype for name, view in one.views.items()}
        assert dtypes == {name: view.dtype for name, view in other.views.items()} | {"half": np.float32}
    manifest = json.loads((path / MANIFEST).read_text())
    assert manifest["model"] == "density/GaussianMixture"
    assert (manifest["family"], manifest["data"], manifest["seed"]) == ("density", "two_moons", 4)
    assert manifest["snapshots"][1]["metrics"] == taken[1].metrics
    assert manifest["extras"] == {"note": "a test"}
    assert set(manifest["files"]) == {WEIGHTS, VIEWS} == {file.name for file in path.iterdir()} - {MANIFEST}


def test_the_same_checkpoint_twice_is_the_same_bytes(folder, tmp_path):
    path, model, taken = folder
    save_checkpoint(tmp_path / "again", model, "two_moons", taken, {"note": "a test"})
    for file in path.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_resembling_pictures_are_packed_small(tmp_path):
    model = GaussianMixture(max_iterations=19, tolerance=0)
    taken = list(snapshots(model, points()))
    noise = np.random.default_rng(0).integers(0, 200, (100, 100), dtype=np.uint8)
    for index, snapshot in enumerate(taken):
        snapshot.views["picture"] = noise + np.uint8(index % 3)
    save_checkpoint(tmp_path / "c", model, "x", taken)
    assert (tmp_path / "c" / VIEWS).stat().st_size < 2 * noise.nbytes


def test_a_compact_checkpoint_is_smaller_and_nearly_the_same(tmp_path):
    model = Line().fit(points())
    taken = list(snapshots(Line(), points(), packages=ALLOWED))
    noise = np.random.default_rng(0).normal(size=(len(taken), 90, 120))
    smooth = gaussian_filter(noise, (0, 3, 3))
    for index, snapshot in enumerate(taken):
        snapshot.views["picture"] = np.uint8(np.clip(128 + 800 * smooth[index], 0, 255))
        snapshot.views["tiny"] = np.uint8([[index, 200], [9, 0]])
        snapshot.views["codes"] = np.float32([[index / 3, 1e-3], [-4, 7]])
        snapshot.views["large"] = np.float32([[1e6, 1.0]])
        snapshot.views["curve"] = np.float32([index / 3])
    for compact in (False, True):
        save_checkpoint(tmp_path / str(compact), model, "points", taken, compact=compact)
    sizes = [(tmp_path / name / VIEWS).stat().st_size for name in ("False", "True")]
    assert sizes[1] < 0.5 * sizes[0]
    loaded = load_checkpoint(tmp_path / "True", packages=ALLOWED)
    assert loaded.model.weight.dtype == np.float32
    np.testing.assert_allclose(loaded.model.weight, model.weight, rtol=2**-11)
    assert not np.array_equal(loaded.model.weight, model.weight)
    for ours, theirs in zip(loaded.snapshots, taken, strict=True):
        for exact in ("tiny", "large", "curve"):
            np.testing.assert_array_equal(ours.views[exact], theirs.views[exact])
        np.testing.assert_allclose(ours.views["codes"], theirs.views["codes"], rtol=2**-11)
        assert ours.views["codes"].dtype == np.float32
        assert ours.views["picture"].dtype == np.uint8
        assert (ours.views["picture"].astype(int) - theirs.views["picture"]).std() < 5


def test_a_picture_that_is_none_or_too_large_is_refused(folder, monkeypatch):
    path, *_ = folder
    file = io.BytesIO()
    Image.new("L", (2000, 2000)).save(file, "png")
    webp = io.BytesIO()
    Image.new("L", (2000, 2000)).save(webp, "webp", lossless=True)
    cut = webp.getvalue()[:-4]
    for content in (b"", b"nothing", pickle.dumps(Evil()), file.getvalue(), cut):
        change(path, VIEWS, lzma.compress(pack_arrays({"0/manifold.webp": np.frombuffer(content, np.uint8)})))
        with pytest.raises(DataError, match="one of its pictures is not WebP"):
            load_checkpoint(path)
    assert not Evil.ran
    pixels = np.frombuffer(webp.getvalue(), np.uint8)
    change(path, VIEWS, lzma.compress(pack_arrays({f"{index}/manifold.webp": pixels for index in range(3)})))
    assert load_checkpoint(path).snapshots[2].views["manifold"].shape == (2000, 2000)
    monkeypatch.setattr("engine.training.checkpoints.packing.MAX_VIEWS_BYTES", 3 * 2000 * 2000)
    with pytest.raises(DataError, match="holds more than"):
        load_checkpoint(path)


@pytest.mark.parametrize("name", [WEIGHTS, VIEWS])
def test_a_flipped_byte_or_a_missing_end_is_noticed(folder, name):
    path, *_ = folder
    content = (path / name).read_bytes()
    for position in (0, len(content) // 2, len(content) - 1):
        damaged = bytearray(content)
        damaged[position] ^= 1
        (path / name).write_bytes(damaged)
        with pytest.raises(DataError, match=rf"{name} is damaged.*checksum"):
            load_checkpoint(path)
    (path / name).write_bytes(content[:-1])
    with pytest.raises(DataError, match=rf"{name} is damaged: it has"):
        load_checkpoint(path)
    (path / name).unlink()
    with pytest.raises(DataError, match=f"There is no {name}"):
        load_checkpoint(path)


class Evil:
    ran = False

    def __reduce__(self):
        return (setattr, (Evil, "ran", True))


@pytest.mark.parametrize("name", [WEIGHTS, VIEWS])
def test_a_pickle_with_the_right_checksum_is_not_opened(folder, name):
    path, *_ = folder
    content = pickle.dumps(Evil())
    for foreign in (content, lzma.compress(content), b"", lzma.compress(b"")):
        change(path, name, foreign)
        with pytest.raises(DataError, match=r"not a safetensors|does not unpack|cut short"):
            load_checkpoint(path)
    assert not Evil.ran


def test_a_bomb_is_not_unpacked(folder, monkeypatch):
    path, *_ = folder
    monkeypatch.setattr("engine.training.checkpoints.packing.MAX_VIEWS_BYTES", 10**7)
    monkeypatch.setattr("engine.training.checkpoints.manifest.MAX_FILE_BYTES", 10**6)
    change(path, VIEWS, lzma.compress(bytes(3 * 10**7), preset=0))
    with pytest.raises(DataError, match=r"holds more than|does not unpack"):
        load_checkpoint(path)
    (path / WEIGHTS).write_bytes(bytes(10**6 + 1))
    with pytest.raises(DataError, match="larger than"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"format": "another"}, "does not describe a checkpoint"),
        ({"version": 2}, "format version 2"),
        ({"version": "new"}, "version is not as it should be"),
        ({"model": "density/Nothing"}, "no model density/Nothing"),
        ({"model": "os:system"}, "not part of engine"),
        ({"model": "engine.model:check"}, "is not a model"),
        ({"model": "density/KernelDensity"}, r"not permitted|Extra|needs"),
        ({"hyperparameters": {"n_components": -3}}, "components"),
        ({"files": {"../../etc/passwd": {"bytes": 1, "sha256": "0" * 64}}}, "files"),
        ({"files": {}}, "names no weights"),
        ({"snapshots": []}, "a snapshot that the manifest does not name"),
        ({"snapshots": [{"step": 1}]}, "snapshots"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_foreign_manifest_is_refused_with_the_reason(folder, values, sentence):
    path, *_ = folder
    edit(path, **values)
    with pytest.raises(ValueError, match=sentence):
        load_checkpoint(path)


@pytest.mark.parametrize("text", ["", "{", "[1]", "[" * 100_000, '{"format": NaN', "\x00"])
def test_a_damaged_manifest_is_refused(folder, text):
    path, *_ = folder
    (path / MANIFEST).write_text(text)
    with pytest.raises(DataError, match=r"damaged|does not describe"):
        load_checkpoint(path)


def test_the_wrong_class_is_refused(folder):
    path, *_ = folder
    with pytest.raises(DataError, match="holds a GaussianMixture, not a KernelDensity"):
        load_checkpoint(path, KernelDensity)
    edit(path, model="density/KernelDensity", hyperparameters={})
    with pytest.raises(DataError, match="needs"):
        load_checkpoint(path)


def test_there_is_no_checkpoint_in_an_empty_folder(tmp_path):
    with pytest.raises(DataError, match=r"There is no manifest\.json"):
        load_checkpoint(tmp_path)
    with pytest.raises(DataError, match="not been fitted"):
        save_checkpoint(tmp_path / "c", GaussianMixture(), "x")


def test_a_model_outside_the_engine_needs_leave(tmp_path):
    model = Line().fit(points())
    taken = list(snapshots(Line(), points(), [View("w", "tests.engine.training.tiny:weight")], packages=ALLOWED))
    save_checkpoint(tmp_path / "line", model, "points", taken)
    with pytest.raises(DataError, match="not part of engine"):
        load_checkpoint(tmp_path / "line")
    loaded = load_checkpoint(tmp_path / "line", packages=ALLOWED)
    np.testing.assert_array_equal(loaded.model.weight, model.weight)
    assert loaded.snapshots[-1].same_as(taken[-1])


@pytest.mark.parametrize("model", models("density").values())
def test_every_density_model_comes_back_from_its_state(model, tmp_path):
    options = {"max_iterations": 5} if model is GaussianMixture else {}
    fitted = model(**options).fit(points())
    loaded = model(**fitted.hyperparameters.model_dump()).load_state(fitted.state())
    np.testing.assert_array_equal(loaded.log_prob(points(20)), fitted.log_prob(points(20)))
    save_checkpoint(tmp_path / "c", fitted, "points")
    loaded = load_checkpoint(tmp_path / "c", model).model
    np.testing.assert_array_equal(loaded.log_prob(points(20)), fitted.log_prob(points(20)))
    with pytest.raises(DataError, match="needs"):
        model().load_state({})
    with pytest.raises(DataError, match="not been fitted"):
        model().state()
