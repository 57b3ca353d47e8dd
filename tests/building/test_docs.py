"""The documentation page."""

import shutil
from dataclasses import replace

import duckdb
import pytest

from acrm.building.docs import external_assets
from acrm.publication import current_version
from acrm.publication.shapes import copy_shapes


def test_the_docs_are_one_page_with_the_overview_and_every_table(published, acrm):
    ended = acrm.passing("docs")
    page = published.published / "docs.html"
    assert ended.stdout.strip() == str(page)
    html = page.read_text()
    assert "What the small shop sold." in html
    assert "Number of the line, from 1." in html
    assert external_assets(html) == []
    # The page has dbt's tracker in it, which runs only if its data say so.
    assert '"send_anonymous_usage_stats": false' in html


def test_the_docs_go_where_they_are_wanted(acrm, tmp_path):
    page = tmp_path / "new" / "page.html"
    acrm.passing("docs", "--output", page)
    assert "What the small shop sold." in page.read_text()
    assert [path.name for path in page.parent.iterdir()] == ["page.html"]


def test_incremental_models_can_ask_what_they_know(published, tmp_path):
    folder = tmp_path / "version"
    folder.mkdir()
    version = replace(current_version(published), folder=folder)
    shutil.copy(published.published / "current" / "acrm.duckdb", version.database)
    version.database.chmod(0o644)
    with duckdb.connect(version.database) as connection:
        connection.execute("create schema intermediate")
        connection.execute("create table intermediate.model_state as select 1 as model")
    copy_shapes(version, tmp_path / "shapes.duckdb")
    with duckdb.connect(tmp_path / "shapes.duckdb") as connection:
        assert connection.sql("from intermediate.model_state").fetchall() == []
        assert connection.sql("from fct_sales_line").fetchall() == []


def test_docs_without_a_build_say_what_to_do(small, acrm):
    ended = acrm("docs")
    assert ended.code == 2
    assert "There is no build to document" in ended.stderr
    assert not (small.published / "docs.html").exists()


def test_a_folder_is_no_page(acrm, tmp_path):
    ended = acrm("docs", "--output", tmp_path)
    assert ended.code == 2
    assert "The docs are one file" in ended.stderr


def test_a_path_that_cannot_be_written_is_one_message(acrm, tmp_path):
    (tmp_path / "file").touch()
    ended = acrm("docs", "--output", tmp_path / "file" / "docs.html")
    assert ended.code == 2
    assert "The docs cannot be written" in ended.stderr


@pytest.mark.parametrize(
    "html",
    [
        '<script async src="https://cdn.example/x.js"></script>',
        "<script src=//cdn.example/x.js></script>",
        '<link rel="stylesheet" href="https://cdn.example/x.css">',
        "<style>@import url(https://cdn.example/x.css)</style>",
        '<img alt="" src="http://cdn.example/x.png">',
        '{"metadata": {"send_anonymous_usage_stats": true}}',
    ],
)
def test_what_a_page_would_load_from_a_host_is_found(html):
    assert len(external_assets(html)) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://docs.example">more</a>',
        '<img src="data:image/png;base64,AAAA">',
        "<script>const page = 'https://docs.example'</script>",
        '{"send_anonymous_usage_stats": false}',
    ],
)
def test_links_and_what_is_inside_are_no_external_assets(html):
    assert external_assets(html) == []
