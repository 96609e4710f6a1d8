"""How requests to X prove who asks."""
