"""Writes the settings of both plugins, as `--about` describes them, into every file that lists them."""
