"""Several games in lockstep on the same data and from the same seed, as one model: what their settings change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field

from engine import model
from engine.adversarial.gan import GAN
from engine.adversarial.views import plane as views
from engine.grid import Array
from engine.model import DataError, HyperparameterError, Metrics, Model
from engine.neural.options import Seed

FEWEST, MOST = 2, 4


def _check_games(text: str) -> str:
    """Return the JSON text of a list of two to four objects, or say what is wrong."""
    try:
        games = json.loads(text)
    except ValueError:
        raise ValueError("should be JSON text") from None
    if not (isinstance(games, list) and all(isinstance(game, dict) for game in games)):
        raise ValueError("should be a list of hyperparameters by name, one entry a game")
    if not FEWEST <= len(games) <= MOST:
        raise ValueError(f"should hold {FEWEST} to {MOST} games")
    return text


Games = Annotated[
    str,
    AfterValidator(_check_games),
    Field(description="The hyperparameters of each game that are not a GAN's own, as the JSON text of a list."),
]


class Comparison(Model):
    """Play two to four games side by side, an iteration of each a step.

    All learn from the same data and begin from the same `seed`, so that equal networks begin with equal weights and
    see the same batches. A game that has reached its last iteration waits for the others.
    """

    name = "Comparison of GANs"
    idea = "Play several games on the same data from the same seed, and see what a setting changes."
    equation = r"\min_G \max_D \; \mathbb{E}_p[\log D(x)] + \mathbb{E}_z[\log(1 - D(G(z)))]"
    source = "Goodfellow et al. (2014), Generative adversarial nets"
    dimensions = (2,)
    tunable = GAN.tunable

    class Hyperparameters(model.Hyperparameters):
        """Choose the games, and the seed they share."""

        games: Games = '[{"objective": "minimax"}, {"objective": "non-saturating"}]'
        seed: Seed = 0

    hyperparameters: Hyperparameters

    def __init__(self, **hyperparameters: Any) -> None:
        """Make the games; raises HyperparameterError with the number of the game that has a bad value."""
        super().__init__(**hyperparameters)
        self.games: list[GAN] = []
        for number, chosen in enumerate(json.loads(self.hyperparameters.games), 1):
            try:
                self.games.append(GAN(**{**chosen, "seed": self.hyperparameters.seed}))
            except HyperparameterError as error:
                raise HyperparameterError({"games": f"Game {number}: {error}"}) from None

    def steps(self, data: Any, labels: npt.ArrayLike | None = None) -> Iterator[Metrics]:
        """Yield after an iteration of every game: `iteration`, `epoch`, and each game's figures as "0.real_score", ….

        Raises DataError as a game does, with its number.
        """
        runs = [iter(game.steps(data, labels)) for game in self.games]
        latest: list[Metrics] = [{} for _ in runs]
        while True:
            went_on = False
            for number, run in enumerate(runs):
                try:
                    metrics = next(run, None)
                except DataError as error:
                    raise DataError(f"Game {number + 1}: {error}") from None
                if metrics is not None:
                    latest[number], went_on = metrics, True
            if not went_on:
                return
            self.dimension = self.games[0].dimension
            places = {name: max(game[name] for game in latest) for name in ("iteration", "epoch")}
            figures = {
                f"{number}.{name}": value
                for number, metrics in enumerate(latest)
                for name, value in metrics.items()
                if name not in places
            }
            yield places | figures

    def tune(self, **changes: Any) -> None:
        """Change settings from the next step on: `name` of all games, "0.name" of the first, and so on.

        A game's own goes before that of all. Raises as `Model.tune`, or DataError for a game that there is none of;
        then nothing changes.
        """
        of_all = {name: value for name, value in changes.items() if "." not in name}
        each = [(game, dict(of_all)) for game in self.games]
        for name in changes.keys() - of_all.keys():
            number, _, own = name.partition(".")
            self._check_number(int(number) if number.isdecimal() else number)
            each[int(number)][1][own] = changes[name]
        for game, chosen in each:  # refused by one, refused by all
            GAN(**game.hyperparameters.model_dump()).tune(**chosen)
        for game, chosen in each:
            game.tune(**chosen)

    def _check_number(self, game: int | str) -> None:
        if game not in range(len(self.games)):
            raise DataError(f"There are {len(self.games)} games, counted from 0; there is no game {game}.")

    def sample(self, n: int, seed: int = 0) -> Array:
        """Draw n points (n, 2) float32 from the first game's generator."""
        return self.games[0].sample(n, seed=seed)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return every game's arrays, by its number from 0 and their own names."""
        return {f"{k}.{name}": array for k, game in enumerate(self.games) for name, array in game.state().items()}

    def load_state(self, state: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Become what `state` was taken from; raise DataError if it does not fit these games."""
        for number, game in enumerate(self.games):
            start = f"{number}."
            game.load_state({name[len(start) :]: value for name, value in state.items() if name.startswith(start)})
        self.dimension = self.games[0].dimension
        return self


def of_game(comparison: Comparison, game: int, view: str, **arguments: Any) -> npt.NDArray[Any]:
    """Return a view of `engine.adversarial.views.plane`, by its name, of one game of a comparison, counted from 0.

    Raises DataError for a game or a view that there is none of.
    """
    comparison._check_number(game)
    if view not in views.__all__:
        raise DataError(f"There is no view {view!r} of a game; there are {', '.join(views.__all__)}.")
    return np.asarray(getattr(views, view)(comparison.games[game], **arguments))
