"""Models with a latent space: PCA, autoencoders and variational autoencoders, each one file with its equation."""

from engine.latent.autoencoder import Autoencoder
from engine.latent.conditional import ConditionalVAE
from engine.latent.convolutional import ConvolutionalAutoencoder
from engine.latent.denoising import DenoisingAutoencoder
from engine.latent.pca import PCA
from engine.latent.vae import VAE

__all__ = ["PCA", "VAE", "Autoencoder", "ConditionalVAE", "ConvolutionalAutoencoder", "DenoisingAutoencoder"]
