"""What ``acrm status`` says of runs, volumes and clocks."""

import json
import sys

import pytest

from acrm.cli.app import main
from acrm.journal import begin_journal
from acrm.nightly.summary import NEXT

VOLUME = """
select
    'shop' as source_system, 'sales' as table_name, days.delivered_on,
    days.rows_delivered::bigint as rows_delivered, 0::bigint as rows_late,
    5::bigint as weeks_compared, 100.0::double as median_rows,
    70.0::double as lowest_usual, 1130.0::double as highest_usual, days.judgement
from (values
    (date '2026-01-25', 1, 'few'),
    (date '2026-01-26', 1500, 'many')
) as days (delivered_on, rows_delivered, judgement)
"""


@pytest.fixture
def status(shop):
    def ask(*options, now="2026-02-01T12:00"):
        shop.monkeypatch.setattr(
            sys, "argv", ["acrm", "status", "--now", now, *options]
        )
        shop.capfd.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        assert exit_.value.code in (0, 1)
        return shop.capfd.readouterr().out

    return ask


def test_an_odd_volume_names_table_and_day_and_the_last_run_its_steps(shop, status):
    (shop.project.root / "models" / "marts" / "ctl_volume.sql").write_text(VOLUME)
    shop.deliver("sales_1.csv", rows=4)
    (shop.landing / "till").mkdir()
    shop.run(code=2)

    text = status()
    # of the last day only, and on the last day of the table
    assert [line for line in text.splitlines() if "usual on" in line] == [
        "Note: shop.sales brought 1,500 rows on Monday, 2026-01-26: 70 to 1,130 are"
        " usual on that weekday."
    ]
    assert "Note: run 1 refused 1 delivery: see its log." in text
    assert "Volume of the last delivery" in text
    assert "\nRun 1, " in text

    told = json.loads(status("--json"))
    assert told["volume"][0]["judgement"] == "many"
    run = told["last_run"]
    assert (run["run"], run["outcome"], run["version"]) == (1, "published", 1)
    assert (run["rows_loaded"], run["refused"], run["exit_code"]) == (4, 1, 2)
    assert run["steps"].keys() - {NEXT} == {"load", "build", "publish"}
    assert run["seconds"] >= sum(run["steps"].values()) - 0.01

    # a run that was killed leaves a log without an end, perhaps cut off in a line
    journal = begin_journal(shop.project)
    with journal.path.open("a") as log:
        log.write('{"time": "2026-02-01T1')
    assert "Note: run 2 of " in status()
    assert json.loads(status("--json"))["last_run"]["outcome"] == "not ended"

    # loaded at 2026-01-31 01:00, so says the model of the small project
    early = status(now="2026-01-30T12:00")
    assert "shop.sales was loaded 13 h ahead of this clock: one of the two is" in early
