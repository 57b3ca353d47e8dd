"""Recommendations by hand, filters, and a backtest that can fail."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from acrm.errors import InputError
from acrm.mining import recommend
from acrm.mining.outcome import Status


def bought(**baskets):
    rows = [(name, item) for name, items in baskets.items() for item in items.split()]
    return pd.DataFrame(rows, columns=["customer_id", "item"])


SMALL = bought(A="tea cup", B="tea cup", C="tea", D="nail hammer", E="nail hammer tea")


def test_cosine_by_hand():
    found = recommend.fit(SMALL, "cosine")
    place = {item: n for n, item in enumerate(found.items)}
    assert found.items.tolist() == ["tea", "cup", "hammer", "nail"]
    assert found.buyers.tolist() == [4, 2, 2, 2]
    like = found.like.toarray()
    assert like[place["tea"], place["cup"]] == pytest.approx(2 / np.sqrt(4 * 2))
    assert like[place["nail"], place["hammer"]] == pytest.approx(1)
    assert like[place["cup"], place["nail"]] == 0
    assert (np.diag(like) == 0).all()


def test_lists_by_hand():
    lists = recommend.recommend(recommend.fit(SMALL, "cosine"), SMALL, k=3)
    ours = lists[lists["customer_id"] == "C"]
    # cup 2/sqrt(8), hammer and nail 1/sqrt(8) each, the alphabet decides
    assert ours["item"].tolist() == ["cup", "hammer", "nail"]
    assert ours["because"].tolist() == ["tea"] * 3
    assert ours["rank"].tolist() == [1, 2, 3]
    assert ours["score"].tolist() == pytest.approx([2 / 8**0.5, 1 / 8**0.5, 1 / 8**0.5])
    fill = lists[(lists["customer_id"] == "D")]
    assert fill["item"].tolist() == ["tea", "cup"]
    assert fill["source"].tolist() == ["cosine", "popularity"]
    assert fill["because"].isna().tolist() == [False, True]


def test_nothing_owned_or_not_allowed_is_recommended():
    likeness = recommend.fit(SMALL, "cosine")
    lists = recommend.recommend(likeness, SMALL, k=4)
    assert lists.merge(SMALL).empty
    again = recommend.recommend(likeness, SMALL, k=4, again=True)
    assert not again.merge(SMALL).empty
    few = recommend.recommend(likeness, SMALL, k=4, allowed=pd.Index(["cup"]))
    assert few["item"].unique().tolist() == ["cup"]
    assert "A" not in few["customer_id"].tolist()


def test_who_bought_only_unknown_items_gets_what_is_popular():
    lists = recommend.recommend(recommend.fit(SMALL, "cosine"), bought(Z="boat"), k=2)
    assert lists["item"].tolist() == ["tea", "cup"]
    assert lists["source"].tolist() == ["popularity"] * 2


def test_popularity_is_one_list_for_all():
    likeness = recommend.fit(SMALL, "popularity")
    lists = recommend.recommend(likeness, SMALL, k=4, again=True)
    by_customer = lists.groupby("customer_id")["item"].agg(list)
    assert by_customer.tolist() == [["tea", "cup", "hammer", "nail"]] * 5


def test_bm25_thinks_less_of_those_who_buy_all():
    items = "a b c d e f g"
    purchases = bought(P="a b", Q="a c", R=items, S=items, T=items, U="d", V="e f g")
    cosine, weighed = (
        recommend.fit(purchases, "cosine"),
        recommend.fit(purchases, "bm25"),
    )
    place = {item: n for n, item in enumerate(weighed.items)}

    def share(found):
        # b against d, which only those who buy all bring together with a
        like = found.like.toarray()[place["a"]]
        return like[place["b"]] / like[place["d"]]

    assert share(weighed) > share(cosine)


def test_customers_in_parts_give_the_same_lists(monkeypatch):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"customer_id": rng.integers(60, size=400), "item": rng.integers(25, size=400)}
    )
    whole = recommend.recommend(recommend.fit(table), table, k=5)
    monkeypatch.setattr(recommend, "ROWS", 7)
    monkeypatch.setattr(recommend, "CELLS", 200)
    pd.testing.assert_frame_equal(
        recommend.recommend(recommend.fit(table), table, k=5), whole
    )
    shuffled = table.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(
        recommend.recommend(recommend.fit(shuffled), shuffled, k=5), whole
    )


def kinds(seed, order):
    """Customers of two kinds, each with items of its own and a few popular ones."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(240):
        own = (
            10 + 15 * (customer % 2 if order else rng.integers(2)) + rng.permutation(15)
        )
        items = [*own[:7], *rng.choice(10, 2, replace=False)]
        rows += [(customer, item, n % 3 == 2) for n, item in enumerate(items)]
    table = pd.DataFrame(rows, columns=["customer_id", "item", "later"])
    if not order:
        table["item"] = rng.permutation(table["item"].to_numpy())
    return table[~table["later"]], table[table["later"]]


def test_ridge_is_the_regression_of_each_item_on_the_others():
    rng = np.random.default_rng(3)
    bought = (rng.random((40, 5)) < 0.4).astype(float)
    row, column = bought.nonzero()
    found = recommend.fit(pd.DataFrame({"customer_id": row, "item": column}))
    place = found.items.get_indexer(np.arange(5))
    like = found.like.toarray()[np.ix_(place, place)]
    count = len(np.unique(row))
    for item in range(5):
        others = np.delete(bought, item, axis=1)
        normal = others.T @ others + count * np.eye(4)
        by_hand = np.linalg.solve(normal, others.T @ bought[:, item])
        assert np.allclose(np.delete(like[:, item], item), np.maximum(by_hand, 0))


def test_items_too_rare_to_be_compared_are_said_and_fill_up():
    found = recommend.fit(SMALL, "cosine", most_items=2)
    assert found.status is Status.OK
    assert found.reason == "2 of 4 items are too rare to be compared"
    lists = recommend.recommend(found, SMALL, k=4)
    assert lists.loc[lists["item"] == "nail", "source"].unique().tolist() == [
        "popularity"
    ]


@pytest.mark.parametrize("method", ["ridge", "cosine", "bm25"])
def test_planted_kinds_beat_popularity(method):
    found = recommend.backtest(*kinds(1, order=True), k=5, method=method)
    assert found["verdict"].tolist() == ["better", "better"]
    assert (found["value"] > found["baseline_value"]).all()
    assert (found["lo"] < found["value"]).all()


def test_items_at_random_do_not():
    found = recommend.backtest(*kinds(1, order=False), k=5)
    assert found["verdict"].tolist() == ["not_better", "not_better"]
    same = recommend.backtest(*kinds(1, order=True), k=5, method="popularity")
    assert same["gain"].tolist() == [0.0, 0.0]
    assert same["verdict"].tolist() == ["not_better", "not_better"]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (bought(), "0 customers and 0 items"),
        (bought(A="tea"), "1 customers and 1 items"),
        (bought(A="tea", B="tea"), "2 customers and 1 items"),
        (bought(A="tea", B="cup"), "no customer bought two items"),
    ],
)
def test_what_is_too_thin_is_said(table, reason):
    likeness = recommend.fit(table)
    assert likeness.status is Status.INSUFFICIENT_DATA
    assert reason in likeness.reason
    assert recommend.recommend(likeness, table).empty
    judged = recommend.backtest(table, table)
    assert judged["verdict"].unique().tolist() == ["insufficient_data"]


def test_settings_are_checked():
    with pytest.raises(InputError, match="there is no method 'als'"):
        recommend.fit(SMALL, "als")
    with pytest.raises(InputError, match="k is 0"):
        recommend.recommend(recommend.fit(SMALL, "cosine"), SMALL, k=0)
    with pytest.raises(InputError, match="neighbours is -1, not 1 or more"):
        recommend.fit(SMALL, "cosine", neighbours=-1)
    with pytest.raises(InputError, match="most_items is 0, not 1 or more"):
        recommend.fit(SMALL, "cosine", most_items=0)
    with pytest.raises(InputError, match="item is null"):
        recommend.fit(SMALL.assign(item=None))
