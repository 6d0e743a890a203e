"""A page for test_game_view.py: a made-up game, whose points go from a heap to a ring, and its timeline."""

import numpy as np
import streamlit as st

from engine.grid import Grid
from engine.training import Snapshot
from pages.components.game_view import Scene, game_view
from pages.components.routes import ROUTES
from pages.components.timeline import timeline

STEPS = 12
CELLS = 30
DOMAIN = ((-2.0, 2.0), (-2.0, 2.0))


def made(z: np.ndarray, t: float) -> np.ndarray:
    """Turn noise (..., 2) into points, at the share t of the way."""
    angle = np.pi * z[..., :1]
    ring = (1.2 + 0.3 * z[..., 1:]) * np.concatenate([np.cos(angle), np.sin(angle)], axis=-1)
    return (1 - t) * (0.3 * z + 0.5) + t * ring


@st.cache_resource
def history() -> tuple[list[Snapshot], Scene]:
    """Make the snapshots and what they have in common."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 400)
    real = np.column_stack([np.cos(angle), np.sin(angle)]) * rng.normal(1.2, 0.15, (400, 1))
    noise = rng.uniform(-1, 1, (200, 2))
    axis = np.linspace(-1, 1, 21)
    mesh = np.stack(np.meshgrid(axis, axis), axis=-1)
    cells = Grid.over(DOMAIN, CELLS).points
    snapshots = []
    for step in range(STEPS + 1):
        t = step / STEPS
        field = 1 / (1 + np.exp(4 * t * (np.abs(np.hypot(*cells.T) - 1.2) - 0.5)))
        points = made(noise, t)
        pull = points[:60] * (1.2 / np.hypot(*points[:60].T)[:, None] - 1) * (1 - t) * 4
        views = {
            "field": field.reshape(CELLS, CELLS),
            "optimal": 1 - field.reshape(CELLS, CELLS) if step > 3 else np.full((CELLS, CELLS), 0.5),
            "generated": points,
            "manifold": made(mesh, t),
            "arrows": np.hstack([points[:60], pull]),
        }
        views = {name: view.astype(np.float32) for name, view in views.items()}
        snapshots.append(Snapshot(step, step / 4, 0.0, {}, {}, views))
    return snapshots, Scene(DOMAIN, real.astype(np.float32), noise, mesh)


def main() -> None:
    """Show the game and its timeline; `?begin` leaves the history empty, `?critic` makes D a critic."""
    snapshots, scene = history()
    if "critic" in st.query_params:
        scene = Scene(scene.domain, scene.real, gives_probability=False)
    if "begin" in st.query_params:
        snapshots = []
    game_view(snapshots, scene, key="game", height=460, alt="A game", link="game")
    if snapshots:
        timeline("step", link="game", run="demo", last=STEPS)


if __name__ == "__main__":  # a session's run of this script
    main()
else:  # `streamlit run` imports it once, for the server
    app = st.App(__file__, routes=ROUTES)
