"""Generative adversarial networks: a generator and a discriminator play against each other."""

from engine.adversarial.conditional import ConditionalGAN
from engine.adversarial.dcgan import DCGAN
from engine.adversarial.gan import GAN
from engine.adversarial.vaegan import VAEGAN

__all__ = ["DCGAN", "GAN", "VAEGAN", "ConditionalGAN"]
