"""Tabs of the style transfer lab."""
