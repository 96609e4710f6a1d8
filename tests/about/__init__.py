"""Writes the settings and columns, as the plugins describe them, into every file that lists them."""
