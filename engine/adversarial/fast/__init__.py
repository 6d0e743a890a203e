"""Hand-written steps of the same games, proven equal to the plain ones: nobody needs them to understand a GAN."""
