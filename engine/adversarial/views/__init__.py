"""What is drawn of a game, as arrays: the plane, pictures, the optimal discriminator, diagnoses."""
