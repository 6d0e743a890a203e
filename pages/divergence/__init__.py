"""The divergence lab."""
