"""A generative adversarial network on one screen: `python -m docs.gan_on_one_screen` learns two moons.

The discriminator maximises E log D(x) + E log(1 − D(G(z))), the generator E log D(G(z)) (non-saturating): Goodfellow
and others, 2014, "Generative adversarial nets".
"""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


def network(*sizes: int, last: nn.Module | None = None) -> nn.Sequential:
    """Make a dense network with leaky ReLUs between its layers, and `last` at its end."""
    layers = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.LeakyReLU(0.2))]
    return nn.Sequential(*layers[:-1], *([last] if last else []))


def play(
    generator: nn.Module, discriminator: nn.Module, data: Tensor, noise_size: int, batch_size: int = 64
) -> Iterator[tuple[float, float]]:
    """Train both on data (n, d) for ever; yield the losses of discriminator and generator after each iteration."""
    of_g, of_d = (torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999)) for net in (generator, discriminator))
    cross_entropy, real, fake = nn.BCELoss(), torch.ones(batch_size, 1), torch.zeros(batch_size, 1)
    batches = DataLoader(TensorDataset(data), batch_size=batch_size, shuffle=True, drop_last=True)
    while True:
        for (x,) in batches:
            of_g.zero_grad()
            made = generator(torch.randn(batch_size, noise_size))
            generator_loss = cross_entropy(discriminator(made), real)
            generator_loss.backward()
            of_g.step()

            of_d.zero_grad()
            loss = (cross_entropy(discriminator(x), real) + cross_entropy(discriminator(made.detach()), fake)) / 2
            loss.backward()
            of_d.step()
            yield loss.item(), generator_loss.item()


if __name__ == "__main__":
    from engine.data import load_points

    points = torch.from_numpy(load_points("two_moons", n=1000).x)
    g, d = network(2, 64, 64, 2), network(2, 64, 64, 1, last=nn.Sigmoid())
    for iteration, (of_discriminator, of_generator) in zip(range(1, 3001), play(g, d, points, 2), strict=False):
        if iteration % 500 == 0:
            print(f"iteration {iteration}: discriminator {of_discriminator:.2f}, generator {of_generator:.2f} nats")
    print(g(torch.randn(5, 2)).detach())
