"""The report: one HTML page with figures of a store's datasets.

`twitter.toml` declares the figures: the columns that each needs, its SQL and its chart.
`figures` reads the declarations and finds the datasets that have the columns, `results` runs the
SQL in the engine, `charts` turns its rows into shapes, and `page` writes the HTML.
"""

from __future__ import annotations

from dataset_store.report.contents import Contents, collect
from dataset_store.report.figures import Figure, known_figures
from dataset_store.report.page import write_page

__all__ = ["Contents", "Figure", "collect", "known_figures", "write_page"]
