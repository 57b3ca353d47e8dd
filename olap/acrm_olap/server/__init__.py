"""Cubes over HTTP: read-only, on this machine alone unless tokens are given."""

from acrm_olap.server.settings import Settings

__all__ = ["Settings"]
