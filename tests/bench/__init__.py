"""Measures the connectors, side by side with others where there are any; `python -m bench --help`.

Each measure is a declaration in `measures.py`; what it has to reach stands there, too.
"""
