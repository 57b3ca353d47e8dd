"""The front of the command line: help, examples, version, wrong words."""

from __future__ import annotations

import shlex

import pytest
import typer
from click.testing import CliRunner

from acrm import __version__
from acrm.cli.app import COMMANDS, app

CLICK = typer.main.get_command(app)


def run(*words):
    return CliRunner().invoke(CLICK, list(words), prog_name="acrm")


def test_the_version_is_told():
    assert run("--version").output == f"acrm {__version__}\n"


def test_without_words_the_help_is_shown():
    for name, *_ in COMMANDS:
        assert f" {name} " in run().output


@pytest.mark.parametrize("name", [name for name, *_ in COMMANDS])
def test_each_command_has_help_with_examples(name):
    shown = run(name, "--help")
    assert shown.exit_code == 0
    assert "Examples:" in shown.output
    assert f"$ acrm {name}" in shown.output


@pytest.mark.parametrize(
    "example", [example for *_, examples in COMMANDS for example in examples]
)
def test_each_example_has_words_that_its_command_knows(example):
    """Every example is parsed by the command that it is for, and not run."""
    words = shlex.split(example.rpartition(" | ")[2])
    assert words[0] == "acrm"
    command = CLICK.commands[words[1]]
    with command.make_context(words[1], words[2:]) as context:
        assert context.params


def test_a_wrong_command_is_told_with_exit_code_2():
    ended = run("lod")
    assert ended.exit_code == 2
    assert "lod" in ended.output
