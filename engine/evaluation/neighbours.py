"""KL and JS of two samples in the plane from nearest neighbours, and where these can't see.

The distance to the k-th neighbour in a sample tells its density, if that is about constant so far around. Where no
generated point lies near a real one, all neighbours are at nearly one, long distance: then their density, taken for
that at the point, is far too high, and no sample of this size tells how low it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.evaluation.glossary import LOG_2
from engine.evaluation.wasserstein import Estimate
from engine.grid import Array
from engine.model import DataError

Mask = npt.NDArray[np.bool_]

NEAR, NEXT, FAR = 5, 10, 20  # neighbours: of the estimates, of a second one that tells their bias, and of the check
EDGE, EMPTY = 0.6, 0.75  # (ν₅/ν₂₀)² of a blind point, and of one in the void; ¼ on average where all is even
MOST_BLIND, MOST_EMPTY = 0.006, 0.001  # shares of real points with which the KL divergence is still called known
SURE = 2.0  # standard errors between a bound and what it is computed from
_QUANTILE = 0.975  # of the share of generated points where none was seen
_LARGEST_RATIO = 30.0  # nats; of an error, where the estimate itself is far from the truth
_METHOD = "nearest neighbours"


class Cloud:
    """Hold a sample (n, 2) with a tree, and how far each point's own 5th and 10th neighbours are; n > 10."""

    def __init__(self, points: Array) -> None:
        from scipy.spatial import cKDTree

        self.points, self._tree = points, cKDTree(points)

    def __len__(self) -> int:
        return len(self.points)

    @cached_property
    def own(self) -> Array:
        """Distances (n, 2) to the 5th and the 10th neighbour but for the point itself."""
        return self.query(self.points, (NEAR + 1, NEXT + 1))[0]

    def query(self, x: Array, ranks: Sequence[int]) -> tuple[Array, npt.NDArray[np.intp]]:
        """Return how far the neighbours of these ranks are from each of x (m, 2), and which they are: (m, ranks).

        The last rank is the farthest point, where there are fewer.
        """
        distances, which = self._tree.query(x, [min(rank, len(self)) for rank in ranks])
        if not distances[:, np.array(ranks) >= NEAR].all():
            raise DataError("Too many points lie at the very same place, where no density can be estimated.")
        return distances, which


class Neighbours:
    """Compare a real sample (n, 2) with a generated one (m, 2), both continuous."""

    def __init__(self, real: Cloud, fake: Cloud) -> None:
        self._real = real
        there, _ = fake.query(real.points, (NEAR, NEXT, FAR))
        here, nearest = real.query(fake.points, (1, NEAR, NEXT))
        odds = np.log(len(fake) / (len(real) - 1)), np.log(len(real) / (len(fake) - 1))
        # Log-ratios log p/q by 5 and by 10 neighbours: at real points (n, 2), and at generated ones (m, 2).
        self.at_real = odds[0] + 2 * (np.log(there[:, :2]) - np.log(real.own))
        self.at_fake = -odds[1] - 2 * (np.log(here[:, 1:]) - np.log(fake.own))
        crowding = np.square(there[:, 0] / there[:, 2])
        self.blind: Mask = crowding > EDGE
        self._near_blind = self.blind[nearest[:, 0]]  # of the generated points
        self._empty: Mask = crowding > EMPTY

    @property
    def sees(self) -> bool:
        """Tell whether there are generated points near all but a few of the real ones."""
        return bool(self.blind.mean() <= MOST_BLIND and self._empty.mean() <= MOST_EMPTY)

    def kl(self) -> Estimate:
        """Return KL(real‖generated), to be believed only where it `sees`.

        It is the mean log-ratio at the real points (Wang, Kulkarni and Verdú, 2009), extrapolated from 10 and 5
        neighbours to none: the bias grows with the area they take up. The error holds the scatter of both samples,
        twice that correction, as the bias may grow faster, and twice what the few blind points contribute.
        """
        by_five, by_ten = self.at_real.mean(axis=0)
        # Its variational form is E_p r + 1 − E_q e^r: one more point of q changes it by its own e^r.
        scatter = _scatter(self.at_real[:, 0], np.exp(np.minimum(self.at_fake[:, 0], _LARGEST_RATIO)))
        unseen = np.abs(self.at_real[self.blind, 0]).sum() / len(self._real)
        error = np.hypot(scatter, 2 * (by_five - by_ten)) + 2 * unseen
        return Estimate(max(2 * by_five - by_ten, 0.0), _METHOD, float(error))

    def kl_bound(self, fresh: Array) -> Estimate:
        """Return a lower bound of KL(real‖generated), which holds 39 times of 40 or more, from `fresh` (l, 2) too.

        Let A be where the nearest real point is blind. There ∫ p log p/q ≥ P(A) log P(A)/Q(A) (log-sum inequality;
        Cover and Thomas, 2006, "Elements of information theory", 2.7), and Q(A) is at most what `fresh` generated
        points, which had no part in finding A, allow (Clopper and Pearson, 1934). Elsewhere it is the mean log-ratio
        of 5 neighbours, whose bias is to the small side. Two standard errors are taken off.
        """
        from scipy.stats import beta

        share = float(self.blind.mean())
        inside = int(self.blind[self._real.query(fresh, (1,))[1]].sum())
        most = float(beta.ppf(_QUANTILE, inside + 1, len(fresh) - inside)) if inside < len(fresh) else 1.0
        level = np.log(share / most) if share else 0.0
        ratios = np.where(self.blind, level, self.at_real[:, 0])
        weights = ~self._near_blind * np.exp(np.minimum(self.at_fake[:, 0], _LARGEST_RATIO))
        # One more real point in A also changes P(A) in the logarithm.
        return Estimate(max(ratios.mean() - SURE * _scatter(ratios + self.blind, weights), 0.0), "lower bound")

    def js(self) -> Estimate:
        """Return the JS divergence, between 0 and ln 2.

        It is the variational form (Nguyen, Wainwright and Jordan, 2010), which noise in the ratio r makes smaller by
        ½ σ(r) σ(−r) Var r, to second order; that much is added back, as Var r = 2 ψ′(k) ≈ 2 / (k − ½) is known. It
        is extrapolated from 10 and 5 neighbours to none; the error holds twice that correction too.
        """
        noise = 2 / (np.array([NEAR, NEXT]) - 0.5)
        terms = [0.5 * (LOG_2 - np.logaddexp(0, -r) + 0.5 * noise * _slope(r)) for r in (self.at_real, -self.at_fake)]
        by_five, by_ten = sum(part.mean(axis=0) for part in terms)
        scatter = _scatter(*(part @ [2, -1] for part in terms))
        value = min(max(float(2 * by_five - by_ten), 0.0), LOG_2)
        return Estimate(value, _METHOD, float(np.hypot(scatter, 2 * (by_five - by_ten))))


def compare(real: Cloud, fake: Cloud, fresh: Callable[[], Array]) -> tuple[Estimate, Estimate]:
    """Return KL(real‖generated), or a lower bound of it without a standard error, and the JS divergence, in nats.

    `fresh` draws more generated points (l, 2); it is called where a bound is needed. Raises DataError for points
    that lie on one another.
    """
    both = Neighbours(real, fake)
    return both.kl() if both.sees else both.kl_bound(fresh()), both.js()


def _scatter(*terms: Array) -> float:
    """Return the standard error of a sum of independent means."""
    return float(sum(part.var() / len(part) for part in terms) ** 0.5)


def _slope(r: Array) -> Array:
    """Return σ(r) σ(−r), the slope of the logistic function."""
    return 0.25 / np.square(np.cosh(0.5 * np.clip(r, -600, 600)))
