"""One game in the plane."""
