"""The variational autoencoder: an autoencoder whose codes are made to fill a standard normal distribution."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine import model
from engine.device import device
from engine.grid import Array, Grid
from engine.latent.fast.step import DenseStep, Objective
from engine.latent.marginal import marginal_on
from engine.model import DataError, Evaluates, Metrics, Samples, as_sample, check_count
from engine.neural.examples import Data, Examples, Space
from engine.neural.layers import ConvolutionalDecoder, ConvolutionalEncoder, EncoderDecoder, dense, widths
from engine.neural.likelihoods import (
    ElboTerms,
    active_units,
    bernoulli_log_prob,
    gaussian_kl,
    gaussian_log_prob,
    iwae_bound,
    reparametrise,
)
from engine.neural.minibatches import Schedule, descend
from engine.neural.model import NeuralModel, append
from engine.neural.options import (
    Architecture,
    BatchSize,
    Beta,
    Decoder,
    Epochs,
    LatentSize,
    Layers,
    LearningRate,
    RunPrecision,
    Seed,
    StandardDeviation,
)

IWAE_SAMPLES = 64  # of log_prob


class VAE(NeuralModel, Evaluates, Samples):
    """Learn an encoder q(z|x) = N(μ(x), diag σ²(x)) and a decoder p(x|z) under the prior p(z) = N(0, I).

    Training minimises E_q[−log p(x|z)] + β KL(q(z|x) ‖ p(z)), the negative ELBO for β = 1, with one reparametrised
    sample z = μ + σε per example. Yields `loss`, `reconstruction` and `kl`, nats per example, those of points in
    data units. A Bernoulli decoder takes grey levels as probabilities; nothing is binarised. A Gaussian decoder is
    N(g(z), h² I).

    `log_prob` is a lower bound, not the density itself: the IWAE bound with 64 samples, which lies between the ELBO
    and log p(x). Source: Kingma and Welling 2014, Auto-encoding variational Bayes; Higgins et al. 2017, beta-VAE.
    """

    name = "Variational autoencoder"
    idea = "Encode each example as a small cloud instead of a point, and make all clouds together fill a normal one."
    equation = (
        r"\log p(x) \ge \mathbb{E}_{q(z \mid x)}[\log p(x \mid z)] - \mathrm{KL}\big(q(z \mid x) \,\|\, p(z)\big)"
        r", \quad p(z) = \mathcal{N}(0, I)"
    )
    source = "Kingma and Welling 2014, Auto-encoding variational Bayes"
    log_prob_note = "A lower bound on the log-likelihood (IWAE with 64 samples), not the log-likelihood itself."

    class Hyperparameters(model.Hyperparameters):
        """Choices of a variational autoencoder."""

        latent_size: LatentSize = 2
        layers: Layers = "256,256"
        architecture: Architecture = "dense"
        decoder: Decoder = "bernoulli"
        standard_deviation: StandardDeviation = 0.1
        beta: Beta = 1.0
        epochs: Epochs = 10
        batch_size: BatchSize = 128
        learning_rate: LearningRate = 3e-3
        precision: RunPrecision = "reduced"
        seed: Seed = 0

    hyperparameters: Hyperparameters

    def elbo_terms(self, x: Data, labels: npt.ArrayLike | None = None, k: int = 1, seed: int = 0) -> ElboTerms:
        """Return both terms of the ELBO of examples x; the reconstruction is a mean over k draws of z."""
        rows, one_hot = self._query(x, labels)
        with torch.inference_mode():
            mean, log_variance = self._posterior(rows, one_hot)
            totals = torch.zeros(len(rows), device=rows.device)
            for z in self._draws(mean, log_variance, k, seed):
                totals -= self._log_likelihood(rows, z, one_hot)
            kl = gaussian_kl(mean, log_variance)
        return ElboTerms((totals / k).cpu().numpy(), kl.cpu().numpy())

    def elbo(self, x: Data, labels: npt.ArrayLike | None = None, k: int = 1, seed: int = 0) -> Array:
        """Return the evidence lower bound (n,) float32 of examples x in nats, estimated from k draws of z each."""
        return self.elbo_terms(x, labels, k, seed).elbo

    def iwae(self, x: Data, k: int = IWAE_SAMPLES, labels: npt.ArrayLike | None = None, seed: int = 0) -> Array:
        """Return the importance-weighted bound (n,) float32 with k samples, in nats: ELBO ≤ IWAE_k ≤ log p(x).

        The inequalities hold in expectation over the draws. Source: Burda, Grosse and Salakhutdinov 2016.
        """
        rows, one_hot = self._query(x, labels)
        with torch.inference_mode():
            mean, log_variance = self._posterior(rows, one_hot)
            log_weights = [
                self._log_likelihood(rows, z, one_hot)
                + gaussian_log_prob(z, torch.zeros_like(z), 0.0)
                - gaussian_log_prob(z, mean, log_variance)
                for z in self._draws(mean, log_variance, k, seed)
            ]
            return iwae_bound(torch.stack(log_weights)).cpu().numpy()

    def log_prob(self, x: Data, labels: npt.ArrayLike | None = None) -> Array:
        """Return a lower bound on log p(x), (n,) float32 in nats: IWAE with 64 samples and a fixed seed."""
        return self.iwae(x, IWAE_SAMPLES, labels)

    def density_on(self, grid: Grid, labels: npt.ArrayLike | None = None) -> Array:
        """Return the marginal p(x) = ∫ p(x|z) p(z) dz of points at every cell centre, float32 of `grid.shape`.

        Unlike `log_prob` this is no bound but the integral itself, over decoded codes that cut the prior in parts of
        equal probability (random codes above two latent dimensions). A conditional model needs one label.
        Raises DataError for images.
        """
        if self.space.kind != "points" or grid.dimension != 2:
            raise DataError("Only a model of points has a density in the plane.")
        return marginal_on(grid, lambda z: self.decode(z, labels), self.latent_size, self._spread)

    def sample(
        self, n: int, seed: int = 0, labels: npt.ArrayLike | None = None, *, noise: bool | None = None
    ) -> Array:
        """Draw n examples float32: a code from the prior, decoded, and then one draw of p(x|z).

        Without `noise` the decoder's mean stands for that draw, which is the default for images, as is usual: noise
        on pixels hides what the code says. Points get the noise, so that they follow p(x).
        """
        n, generator = check_count(n), np.random.default_rng(seed)
        means = self.decode(generator.standard_normal((n, self.latent_size)), labels)
        if not (self.data_kind == "points" if noise is None else noise):
            return means
        if self._gives_logits:
            return (generator.random(means.shape) < means).astype(np.float32)
        spread = self._spread * generator.standard_normal(means.shape)
        return as_sample(means + spread, self._spread)

    def posterior(self, x: Data, labels: npt.ArrayLike | None = None) -> tuple[Array, Array]:
        """Return means and standard deviations of q(z|x), each (n, latent) float32."""
        rows, one_hot = self._query(x, labels)
        with torch.inference_mode():
            mean, log_variance = self._posterior(rows, one_hot)
            return mean.cpu().numpy(), (0.5 * log_variance).exp().cpu().numpy()

    def active_units(self, x: Data, labels: npt.ArrayLike | None = None) -> npt.NDArray[np.bool_]:
        """Tell which latent dimensions have not collapsed onto the prior, (latent,), on examples x.

        Source: Burda, Grosse and Salakhutdinov 2016: the variance of the posterior mean is above 0.01.
        """
        return active_units(torch.as_tensor(self.encode(x, labels))).numpy()

    @property
    def latent_size(self) -> int:
        """Number of latent dimensions."""
        return self.hyperparameters.latent_size

    def _build(self, space: Space) -> EncoderDecoder:
        options, n_labels = self.hyperparameters, space.n_classes
        if options.architecture == "convolutional":
            if space.kind != "images":
                raise DataError("Convolutions need images; choose the dense architecture for points.")
            return EncoderDecoder(
                ConvolutionalEncoder(n_labels, 2 * self.latent_size),
                ConvolutionalDecoder(self.latent_size + n_labels),
            )
        hidden = widths(options.layers)
        return EncoderDecoder(
            dense([space.size + n_labels, *hidden, 2 * self.latent_size]),
            dense([self.latent_size + n_labels, *hidden[::-1], space.size]),
        )

    def _noise_size(self, space: Space) -> int:
        return self.latent_size

    def _train(self, examples: Examples, schedule: Schedule) -> Iterator[Metrics]:
        options = self.hyperparameters
        if options.architecture != "dense" or examples.x.is_cuda:
            return super()._train(examples, schedule)
        deviation = None if self._gives_logits else options.standard_deviation
        objective = Objective(options.beta, deviation, self._log_volume)
        return descend(DenseStep(self.network, examples, schedule, objective), examples, schedule)

    def _losses(self, x: Tensor, labels: Tensor | None, noise: Tensor) -> Mapping[str, Tensor]:
        mean, log_variance = self._posterior(x, labels)
        z = reparametrise(mean, log_variance, noise)
        reconstruction = -self._log_likelihood(x, z, labels).mean()
        kl = gaussian_kl(mean, log_variance).sum(-1).mean()
        return {"loss": reconstruction + self.hyperparameters.beta * kl, "reconstruction": reconstruction, "kl": kl}

    def _posterior(self, x: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance (n, latent) of q(z|x)."""
        mean, log_variance = self.network.encoder(append(x, labels)).chunk(2, dim=-1)
        return mean, log_variance

    def _log_likelihood(self, x: Tensor, z: Tensor, labels: Tensor | None) -> Tensor:
        """Return log p(x|z), (n,), in nats and in data units."""
        outputs = self._outputs(z, labels)
        if self._gives_logits:
            return bernoulli_log_prob(x, outputs)
        log_variance = 2 * math.log(self.hyperparameters.standard_deviation)
        return gaussian_log_prob(x, outputs, log_variance) - self._log_volume

    def _code(self, x: Tensor, labels: Tensor | None) -> Tensor:
        return self._posterior(x, labels)[0]

    def _outputs(self, z: Tensor, labels: Tensor | None) -> Tensor:
        return self.network.decoder(append(z, labels))

    def _query(self, x: Data, labels: npt.ArrayLike | None) -> tuple[Tensor, Tensor | None]:
        rows = self._rows(x)
        return rows, self._one_hot(labels, len(rows))

    def _draws(self, mean: Tensor, log_variance: Tensor, k: int, seed: int) -> list[Tensor]:
        """Return k draws of z (n, latent) from q(z|x)."""
        if k < 1:
            raise DataError(f"There must be at least one sample of z; k was {k}.")
        noise = torch.randn(k, *mean.shape, generator=torch.Generator().manual_seed(seed)).to(device())
        return list(reparametrise(mean, log_variance, noise))

    @property
    def _gives_logits(self) -> bool:
        return self.data_kind == "images" and self.hyperparameters.decoder == "bernoulli"

    @property
    def _spread(self) -> Array:
        """Standard deviations h of a Gaussian decoder along each axis, in data units."""
        return self.hyperparameters.standard_deviation * self.space.frame.scale

    @property
    def _log_volume(self) -> float:
        return self.space.frame.log_volume
