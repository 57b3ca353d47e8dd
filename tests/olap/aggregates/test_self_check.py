"""A build holds a sample of what aggregates answer against what facts do."""

from __future__ import annotations

from star import build, engine_over, make_star, write_files

from acrm_olap.running.self_check import check_aggregates


def test_all_tables_answer_as_their_facts(aggregated):
    checks = list(check_aggregates(aggregated))
    assert not [each for each in checks if each.fault]
    assert {each.table for each in checks} == {
        table.name for tables in aggregated.aggregates.values() for table in tables
    }
    assert sum(each.cells for each in checks) > 100


def test_a_wrong_number_is_found(tmp_path):
    connection = make_star()
    engine = engine_over(connection, write_files(tmp_path))
    build(connection, engine)
    connection.execute("update agg_sales__month set web_net = web_net + 1")
    anew = engine_over(connection, tmp_path)
    faults = [each.fault for each in check_aggregates(anew) if each.fault]
    assert faults
    assert all("it is out of date: its web_net is " in fault for fault in faults)


def test_a_number_in_the_wrong_cell_is_found(tmp_path):
    connection = make_star()
    engine = engine_over(connection, write_files(tmp_path))
    build(connection, engine)
    connection.execute("""
        update agg_sales__day set net = net + case product
            when 'P1' then 5 when 'P2' then -5 end
        where rowid in (
            select min(rowid) from agg_sales__day
            where product in ('P1', 'P2') and net is not null group by product
        )
    """)
    anew = engine_over(connection, tmp_path)
    faults = [each.fault for each in check_aggregates(anew) if each.fault]
    assert any("net of P1" in fault or "net of Product 1" in fault for fault in faults)
