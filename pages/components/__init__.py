"""What runs in the browser: a folder each. Knows nothing of labs."""
