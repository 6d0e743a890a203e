"""Plotly figures from plain arrays, one visual language for all labs."""
