"""The report of what X has counted, beside the tap's own bill."""
