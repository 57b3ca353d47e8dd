"""``targets.plan_version`` cuts the cube targets alone, in a virtual cube."""

from __future__ import annotations

import duckdb
import pytest

from acrm_olap import connect
from acrm_olap.errors import DefinitionError, MeaningError, UnknownNameError

FILES = {
    "sales.yml": "cube: sales\nfact: sales\n"
    "dimensions: {month: {levels: {month: month}}, channel: {levels: {c: c}}}\n"
    "measures: {net: {sum: net}}\n",
    "targets.yml": "cube: targets\nfact: targets\n"
    "dimensions: {month: {levels: {month: month}}, version: {levels: {version: v}}}\n"
    "measures: {planned: {sum: net, over: {version: never}}, rows: {count: '*'}}\n"
    "sets: {newest: {level: version, members: ['2']}}\n",
    "both.yml": "virtual_cube: both\ncubes: [sales, targets]\n"
    "measures: {above: {expression: net - planned}}\n",
}


@pytest.fixture
def cubes(tmp_path):
    with duckdb.connect(str(tmp_path / "plan.duckdb")) as connection:
        connection.execute("""
            create table sales as from (values
                (1, 'web', 10), (1, 'till', 20), (2, 'web', 40)
            ) t(month, c, net);
            create table targets as from (values
                (1, '1', 25), (2, '1', 50), (1, '2', 27), (2, '2', 44), (3, '2', 60)
            ) t(month, v, net);
        """)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    with connect(tmp_path / "plan.duckdb", tmp_path) as found:
        yield found


@pytest.mark.parametrize("version", ["2", ["2"], "@newest"])
def test_it_cuts_its_cube_and_no_other(cubes, version):
    answer = cubes["both"].query(
        ["net", "planned", "above"], "month", where={"targets.version": version}
    )
    assert [tuple(row.values()) for row in answer.to_dicts()] == [
        (1, 30, 27, 3), (2, 40, 44, -4), (3, None, 60, None),
    ]  # fmt: skip


def test_without_it_versions_would_add_up_and_the_message_names_it(cubes):
    with pytest.raises(MeaningError, match=r"Cut 'targets.version.version' to one"):
        cubes["both"].query(["net", "planned"], "month")


def test_a_cut_that_one_cube_lacks_is_refused_with_that_of_the_other(cubes):
    with pytest.raises(MeaningError, match=r"'targets.version' to cut that cube alone"):
        cubes["both"].query(["net", "rows"], "month", where={"version": "2"})


def test_a_cut_of_a_cube_that_takes_no_part_is_refused(cubes):
    with pytest.raises(MeaningError, match="no measure of the query comes from"):
        cubes["both"].query("net", "month", where={"targets.version": "2"})


def test_a_level_that_the_cube_lacks_is_refused_with_the_nearest(cubes):
    with pytest.raises(UnknownNameError, match=r"Cube 'targets' has no level 'versio'"):
        cubes["both"].query(["net", "rows"], where={"targets.versio": "2"})


@pytest.mark.usefixtures("cubes")
def test_a_hierarchy_names_the_level_that_is_not_there(tmp_path):
    (tmp_path / "day.yml").write_text(
        "dimension: day\ntable: sales\nkey: month\nlevels: {month: month, c: c}\n"
        "hierarchies: {down: [month, wek]}\n"
    )
    text = FILES["sales.yml"].replace("channel:", "day: {key: month}, channel:")
    (tmp_path / "sales.yml").write_text(text)
    with pytest.raises(DefinitionError, match="has no level 'wek'"):
        connect(tmp_path / "plan.duckdb", tmp_path)
