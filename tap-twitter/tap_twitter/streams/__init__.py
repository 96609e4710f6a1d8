"""Bases of streams, and what the streams of a run share."""
