"""The example company: five systems' extracts, made from a seed."""

from acrm.example.company import Made, make_company
from acrm.example.settings import Settings

__all__ = ["Made", "Settings", "make_company"]
