"""Trains the model that reads replies: `python -m training`."""
