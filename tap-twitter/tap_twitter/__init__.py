"""Singer tap for X (Twitter): one stream class per report."""
