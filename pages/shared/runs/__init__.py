"""A visitor's trainings and their controls."""
