"""Tabs of the density lab."""
