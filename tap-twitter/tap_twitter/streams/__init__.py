"""What reports are built of: bases of streams, and what the streams of a run share."""
