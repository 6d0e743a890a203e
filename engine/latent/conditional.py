"""The conditional VAE: encoder and decoder are told the label, so that the code is left with the style."""

from __future__ import annotations

from engine.latent.vae import VAE


class ConditionalVAE(VAE):
    """Learn q(z|x, y) and p(x|z, y) under the prior p(z) = N(0, I), whatever the label y.

    The label, one-hot, joins the inputs of the encoder and of the decoder. The KL term makes the code look the same
    for every label, so what the label says need not be in it; the code then holds the style, and decoding it under
    another label transfers the style. With many latent dimensions label information leaks into z all the same.

    Everything takes the labels (n,), or one label for all, and `log_prob` bounds log p(x|y).

    Source: Sohn, Lee and Yan 2015, Learning structured output representation using deep conditional generative
    models; Kingma, Mohamed, Rezende and Welling 2014, Semi-supervised learning with deep generative models.
    """

    name = "Conditional variational autoencoder"
    idea = "Tell encoder and decoder the label, and the code is left to say how the digit is written."
    equation = (
        r"\log p(x \mid y) \ge \mathbb{E}_{q(z \mid x, y)}[\log p(x \mid z, y)]"
        r" - \mathrm{KL}\big(q(z \mid x, y) \,\|\, p(z)\big), \quad p(z) = \mathcal{N}(0, I)"
    )
    source = (
        "Sohn, Lee and Yan 2015, Learning structured output representation using deep conditional generative models"
    )
    log_prob_note = "A lower bound on log p(x|y) (IWAE with 64 samples), not the log-likelihood itself."
    conditional = True
