"""X's APIs: how requests are paced, sent, judged and read."""
