"""Analytical CRM: load extracts, build stars, publish them, read them."""

__version__ = "0.1.0"
