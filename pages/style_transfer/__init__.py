"""The style transfer lab."""
