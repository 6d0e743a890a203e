"""A trained model on disk: its manifest, its weights and its history."""
