"""Holds the definitions in `plugins/` against the schemas that Meltano Hub publishes."""
