"""The floor that trained networks stand on: examples, mini-batches, optimisers, layers, likelihoods, weights."""
