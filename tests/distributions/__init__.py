"""Builds the wheels and sdists of both distributions, as an index gets them."""
