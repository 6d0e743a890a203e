"""The density lab."""
