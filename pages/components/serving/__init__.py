"""Routes, files, feeds and the address: how pages and browser talk beside the script."""
