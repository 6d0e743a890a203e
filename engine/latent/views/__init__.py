"""What is drawn of an autoencoder, as arrays: images, manifolds, codes, and networks for the browser."""
