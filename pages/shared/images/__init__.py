"""Images a model is trained on or shown."""
