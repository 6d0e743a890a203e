"""The weights of networks as named arrays, which a model's state consists of."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from engine.model import DataError


def named_weights(network: nn.Module) -> dict[str, npt.NDArray]:
    """Return a copy of every weight by its dotted name."""
    return {name: tensor.cpu().numpy().copy() for name, tensor in network.state_dict().items()}


def load_weights(network: nn.Module, state: Mapping[str, npt.NDArray]) -> None:
    """Copy weights from `state`, whose names "data.…" are not the network's; raise DataError if any do not fit it."""
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    given = {name: np.shape(array) for name, array in state.items() if not name.startswith("data.")}
    if wanted != given:
        wrong = sorted(name for name in wanted.keys() | given.keys() if wanted.get(name) != given.get(name))
        raise DataError(f"This state does not fit the hyperparameters: {', '.join(wrong[:3])} differ.")
    # Copies: a file's arrays may be read-only.
    network.load_state_dict({name: torch.tensor(np.asarray(state[name])) for name in wanted})
