"""The tabs under a lab: each asks one question of the fitted models."""
