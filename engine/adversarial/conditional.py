"""The conditional GAN: both players are told the label."""

from __future__ import annotations

from engine.adversarial.gan import GAN


class ConditionalGAN(GAN):
    """Learn x = G(z, y) against D(x, y): the label, one-hot, joins the inputs of both players.

    A pair counts as real only if example and label belong together, so G has to make what the label says.

    Source: Mirza and Osindero 2014, Conditional generative adversarial nets.
    """

    name = "Conditional GAN"
    idea = "Tell both players the label, and the generator learns to make what it is asked for."
    equation = r"\min_G \max_D\; V = \mathbb{E}_{p(x, y)}[\log D(x, y)] + \mathbb{E}_{z, y}[\log(1 - D(G(z, y), y))]"
    source = "Mirza and Osindero 2014, Conditional generative adversarial nets"
    conditional = True
