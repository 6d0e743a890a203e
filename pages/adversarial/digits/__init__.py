"""GANs on digits."""
