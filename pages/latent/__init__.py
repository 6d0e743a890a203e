"""The lab of autoencoders and VAEs."""
