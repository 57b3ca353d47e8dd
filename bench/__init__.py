"""Measurements against the floor: plain DuckDB doing the same, in the same run."""
