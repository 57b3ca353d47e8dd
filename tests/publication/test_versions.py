"""Listing versions, and going back to one."""

import getpass
import json

import pytest

from acrm.publication import current_version


def test_rolling_back_gives_readers_the_version_before(published, acrm):
    acrm.passing("build")
    ended = acrm.passing("rollback", "--reason", "prices were [net]")
    assert "Readers are back from version 2 to version 1." in ended.stdout
    assert current_version(published).number == 1


def test_versions_says_who_rolled_back_and_why(acrm):
    acrm.passing("build")
    acrm.passing("rollback", "--reason", "prices were [net]")
    lines = acrm.passing("versions").stdout.splitlines()
    assert lines[0].split() == [
        *("version", "published", "at", "data", "through", "rows", "size", "note")
    ]
    assert lines[1].startswith("   2 ")
    assert lines[2].startswith("*  1 ")
    assert "shop 2026-01-30T00:00:00" in lines[2]
    assert f"rolled back from 2 by {getpass.getuser()}" in lines[2]
    assert lines[2].endswith("prices were [net]")


def test_versions_as_json(acrm):
    acrm.passing("build")
    acrm.passing("rollback", "--reason", "prices")
    first, second = json.loads(acrm.passing("versions", "--json").stdout)
    assert (first["version"], first["is_current"], first["rollback_reason"]) == (
        1,
        True,
        "prices",
    )
    assert (second["version"], second["is_current"], second["rollback_reason"]) == (
        2,
        False,
        None,
    )
    assert first["rows"] == 1028


def test_after_a_rollback_the_next_version_gets_a_new_number(published, acrm):
    acrm.passing("build")
    acrm.passing("rollback")
    assert "Published version 3" in acrm.passing("build").stdout
    assert current_version(published).number == 3
    assert "rolled back" not in acrm.passing("versions").stdout


def test_a_number_is_not_given_twice_even_if_its_version_was_removed(published, acrm):
    acrm.passing("build")
    acrm.passing("rollback")
    (published.published / "versions" / "000002").rename(published.home / "elsewhere")
    assert "Published version 3" in acrm.passing("build").stdout


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["rollback", "7"], "There is no version 7"),
        (["rollback", "1"], "Readers are on version 1 already"),
        (["rollback"], "There is no version before version 1"),
    ],
)
def test_a_rollback_that_cannot_be_lists_what_is_kept(published, acrm, given, message):
    ended = acrm(*given)
    assert ended.code == 2
    assert message in ended.stderr
    assert "Versions that are kept: 1." in ended.stderr
    assert current_version(published).number == 1


@pytest.mark.usefixtures("small")
def test_without_versions_the_commands_say_what_to_do(acrm):
    assert "run acrm build" in acrm.passing("versions").stdout
    assert json.loads(acrm.passing("versions", "--json").stdout) == []
    ended = acrm("rollback")
    assert ended.code == 2
    assert "Nothing is published yet" in ended.stderr


def test_a_link_to_a_version_that_is_gone_can_be_mended(published, acrm):
    acrm.passing("build")
    versions = published.published / "versions"
    (versions / "000002").rename(published.home / "lost")
    ended = acrm("sql", "select 1")
    assert ended.code == 2
    assert "The published version is gone" in ended.stderr
    assert "acrm rollback" in ended.stderr
    acrm.passing("rollback", "1")
    assert current_version(published).number == 1


def test_a_rollback_waits_for_no_one(published, acrm):
    from acrm.lock import writer_lock

    with writer_lock(published, "acrm load"):
        ended = acrm("rollback")
    assert ended.code == 2
    assert "The warehouse is being written by another run" in ended.stderr
    assert "acrm load" in ended.stderr
