"""Examples in the docstrings of the Python interface run, and say what they say."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = (
    "acrm_olap",
    "acrm_olap.api.example",
    "acrm_olap.api.connecting",
    "acrm_olap.api.handles",
    "acrm_olap.query.query",
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried
    assert not failed
