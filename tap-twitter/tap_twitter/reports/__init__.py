"""The reports: one module per family, one stream class per report."""
