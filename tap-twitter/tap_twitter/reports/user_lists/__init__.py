"""The reports of followers, followed accounts, and members of lists."""
