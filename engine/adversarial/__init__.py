"""Generative adversarial networks: a generator and a discriminator play against each other."""

from engine.adversarial.conditional import ConditionalGAN
from engine.adversarial.gan import GAN

__all__ = ["GAN", "ConditionalGAN"]
