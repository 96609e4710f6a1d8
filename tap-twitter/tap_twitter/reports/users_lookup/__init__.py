"""The users lookup (Domo: Twitter Users Lookup Writeback)."""
