"""A variational autoencoder on one screen: `python -m docs.vae_on_one_screen` learns digits and prints three.

−ELBO = −E_q log p(x|z) + KL(q(z|x) ‖ N(0, I)) of Kingma and Welling, 2014, "Auto-encoding variational Bayes"; x are
pixels in [0, 1], p(x|z) is Bernoulli, q(z|x) a Gaussian with a diagonal covariance.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset


class VAE(nn.Module):
    """An encoder to the mean and log-variance of a code, and a decoder to the logits of pixels."""

    def __init__(self, pixels: int = 784, hidden: int = 400, codes: int = 20) -> None:
        super().__init__()
        self.codes = codes
        self.encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, 2 * codes))
        self.decoder = nn.Sequential(nn.Linear(codes, hidden), nn.ReLU(), nn.Linear(hidden, pixels))

    def loss(self, x: Tensor) -> Tensor:
        """Return −ELBO of x (n, pixels) in nats per image, by one draw of each code."""
        mean, log_variance = self.encoder(x).chunk(2, dim=-1)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        reconstruction = functional.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        kl = -0.5 * torch.sum(1 + log_variance - mean**2 - log_variance.exp())
        return (reconstruction + kl) / len(x)

    @torch.no_grad()
    def sample(self, n: int) -> Tensor:
        """Draw n images (n, pixels): the decoder's means of codes from the prior."""
        return torch.sigmoid(self.decoder(torch.randn(n, self.codes)))


def train(model: VAE, images: Dataset, epochs: int = 10, batch_size: int = 128) -> Iterator[float]:
    """Train on a dataset of one tensor (pixels,) each, and yield each epoch's mean −ELBO in nats."""
    optimiser, batches = torch.optim.Adam(model.parameters(), lr=1e-3), DataLoader(images, batch_size, shuffle=True)
    for _ in range(epochs):
        total = 0.0
        for x in batches:
            optimiser.zero_grad()
            loss = model.loss(x)
            loss.backward()
            optimiser.step()
            total += loss.item() / len(batches)
        yield total


if __name__ == "__main__":
    from engine.data import load_images

    digits, vae = torch.from_numpy(load_images("mnist")[0].images).reshape(-1, 784), VAE()
    for epoch, bound in enumerate(train(vae, digits), 1):
        print(f"epoch {epoch}: −ELBO {bound:.1f} nats")
    for row in vae.sample(3).reshape(3, 28, 28).permute(1, 0, 2).reshape(28, 84)[::2]:
        print("".join(" ░▒▓█"[min(4, int(5 * pixel))] for pixel in row))
