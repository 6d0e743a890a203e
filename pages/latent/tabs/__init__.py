"""Tabs of the latent lab."""
