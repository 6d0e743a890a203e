"""The game itself: what both players share, its plain form by autograd, batches, and what is tried on it."""
