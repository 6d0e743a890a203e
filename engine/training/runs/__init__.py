"""Runs: one training under way, its history, and whose is whose."""
