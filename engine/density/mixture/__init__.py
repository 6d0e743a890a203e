"""The Gaussian mixture: the model, its parameters, where it starts, EM, and the choice of K."""
