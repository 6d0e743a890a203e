"""Tabs of the divergence lab."""
