"""Points that a person draws, uploads or takes from a preset."""
