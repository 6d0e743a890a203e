"""A decoder as one file that a browser can run: what its layers are, and their weights."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor, nn

from engine.grid import Array
from engine.latent.pca import PCA
from engine.latent.views.images import Labels, principal_axes
from engine.model import DataError
from engine.neural.examples import Data
from engine.neural.model import NeuralModel

MOST_WEIGHTS = 4_000_000  # 16 MB, and about 5 ms of a browser's time for each image


class Plane(NamedTuple):
    """Hold the plane that codes are drawn in: the code of (x, y) is `centre` (d,) + `axes` (d, 2) · (x, y)."""

    centre: Array
    axes: Array


class Layer(NamedTuple):
    """Hold one layer of a decoder: its JSON description, and its arrays in the order the browser reads them."""

    head: dict[str, Any]
    arrays: tuple[Array, ...] = ()


def code_plane(model: NeuralModel | PCA, x: Data, labels: Labels = None) -> Plane:
    """Return the plane in which `latent_positions` draws the codes of examples x.

    Two dimensions are the plane itself, one is its x, and of more it is that of the codes' principal axes.
    """
    if model.latent_size <= 2:
        return Plane(np.zeros(model.latent_size), np.eye(2)[: model.latent_size])
    codes = model.encode(x, labels)
    return Plane(codes.mean(axis=0), principal_axes(codes))


def portable_decoder(model: NeuralModel | PCA, plane: Plane) -> bytes:
    """Return the decoder as bytes: length of the head (uint32), head as JSON, arrays as float32, little-endian.

    The head has `latent`, the number of `labels` that join a code as a one-hot vector (0 for none), the `shape` of
    what it decodes to, and `layers`; the arrays are the plane's centre and axes, then each layer's. Raises DataError
    before a fit, and for a decoder of more than four million weights.
    """
    space = model.space
    layers = _layers(model)
    arrays = [*plane, *(array for layer in layers for array in layer.arrays)]
    n_weights = sum(array.size for array in arrays)
    if n_weights > MOST_WEIGHTS:
        raise DataError(
            f"This decoder has {n_weights / 1e6:.1f} million weights, too many to send to a browser; "
            "choose narrower layers to decode under the pointer."
        )
    labels = space.n_classes if model.conditional else 0
    heads = [layer.head for layer in layers]
    head = json.dumps({"latent": model.latent_size, "labels": labels, "shape": space.shape, "layers": heads}).encode()
    head += b" " * (-len(head) % 4)  # so that the browser can read the numbers where they lie
    return struct.pack("<I", len(head)) + head + b"".join(np.asarray(a).astype("<f4").tobytes() for a in arrays)


def _layers(model: NeuralModel | PCA) -> Sequence[Layer]:
    if isinstance(model, PCA):
        found = [_dense(model.components.T, model.mean)]
    else:
        found = list(_modules(model.network.decoder))
        if model._gives_logits:
            found.append(Layer({"kind": "sigmoid"}))
    if model.data_kind == "images":
        return [*found, Layer({"kind": "clip"})]
    frame = model.space.frame if isinstance(model, NeuralModel) else None
    return found if frame is None else [*found, Layer({"kind": "affine"}, (frame.scale, frame.centre))]


def _modules(module: nn.Module) -> Iterator[Layer]:
    """Yield the layers of a decoder in order; raise DataError for one that the browser does not know."""
    shape: tuple[int, ...] = ()
    for part in module.modules():
        if isinstance(part, nn.Linear):
            yield _dense(_numbers(part.weight), _numbers(part.bias))
        elif isinstance(part, nn.ReLU):
            yield Layer({"kind": "relu"})
        elif isinstance(part, nn.Unflatten):
            shape = tuple(part.unflattened_size)
        elif isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            yield _convolution(part, shape[-1])
            grows = part.stride[0] if isinstance(part, nn.ConvTranspose2d) else 1
            shape = (part.out_channels, shape[-1] * grows, shape[-1] * grows)
        elif not isinstance(part, nn.Sequential | nn.Flatten):
            raise DataError(f"A {type(part).__name__} can't be computed in a browser.")


def _dense(weight: Array, bias: Array) -> Layer:
    return Layer({"kind": "dense", "inputs": weight.shape[1], "outputs": weight.shape[0]}, (weight, bias))


def _convolution(part: nn.Conv2d | nn.ConvTranspose2d, side: int) -> Layer:
    """Describe a convolution of maps `side` × `side` whose output has that side times the stride."""
    is_transposed = isinstance(part, nn.ConvTranspose2d)
    head = {
        "kind": "transposed" if is_transposed else "convolution",
        "inputs": part.in_channels, "outputs": part.out_channels, "side": side,
        "kernel": part.kernel_size[0], "stride": part.stride[0], "padding": int(part.padding[0]),
    }  # fmt: skip
    assert part.bias is not None
    return Layer(head, (_numbers(part.weight), _numbers(part.bias)))


def _numbers(tensor: Tensor) -> Array:
    return tensor.detach().cpu().numpy()
