"""Frequent sets of items, exactly: no sample, no limit on the number of items.

For each item, from the rarest on, the baskets that hold it are looked at alone, and in
them only items that are more frequent; each such item is a row of bits, one a basket,
and the count of a set is the number of bits that its rows have in common (Eclat). The
bits of one item's baskets are all that memory has to hold at a time.

References
----------
.. [1] Zaki, M. J. (2000). Scalable algorithms for association mining. IEEE Transactions
   on Knowledge and Data Engineering 12(3), 372-390.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from acrm.mining.frames import (
    Integers,
    need_at_least,
    need_between,
    need_columns,
    refuse,
)

Bits = npt.NDArray[np.uint64]
BITS = 64
MOST_CELLS = 2**27  # of one item's baskets laid out in full: 128 MiB


@dataclass(frozen=True)
class ItemSets:
    """Frequent sets and their counts.

    Attributes
    ----------
    items : Index of length n_items
        The frequent items, rarest first; sets name them by their position.
    baskets : int
        How many baskets there are.
    sets : dict of int to ndarray of shape (n_sets, length)
        For each length the sets, each in rising order of position.
    counts : dict of int to ndarray of shape (n_sets,)
        For each length the number of baskets that hold each set.
    """

    items: pd.Index
    baskets: int
    sets: dict[int, Integers]
    counts: dict[int, Integers]


def least_count(share: float, baskets: int) -> int:
    """Return the smallest count whose share of the baskets is at least ``share``.

    The division decides, so that 10 of 10,000 is a share of 0.001 and not one less.
    """
    count = max(int(share * baskets) - 1, 1)
    while count / baskets < share:
        count += 1
    return count


def frequent_itemsets(
    lines: pd.DataFrame, min_support: float, max_length: int | None = None
) -> ItemSets:
    """Count every set of items that is in at least a share of the baskets.

    Parameters
    ----------
    lines : DataFrame of shape (n_lines, >= 2)
        ``basket_id`` and ``item``; an item twice in a basket counts once. A null item
        makes a basket that holds nothing, and counts among the baskets.
    min_support : float
        Share of all baskets, above 0 and at most 1.
    max_length : int, optional
        Items in a set, at most; without it, as many as are frequent together.

    Returns
    -------
    ItemSets

    Raises
    ------
    InputError
        If a column is missing, a basket is null, or a setting is out of range.
    """
    need_columns(lines, ["basket_id", "item"], "frequent_itemsets")
    refuse(
        lines["basket_id"].isna().to_numpy(), "basket_id is null", "frequent_itemsets"
    )
    if min_support != 1:
        need_between("min_support", min_support, 0, 1, "frequent_itemsets")
    if max_length is not None:
        need_at_least("max_length", max_length, 1, "frequent_itemsets")
    basket, names = pd.factorize(lines["basket_id"])
    item, items = pd.factorize(lines["item"], sort=True)
    baskets = len(names)
    if not baskets:
        return ItemSets(pd.Index(items), 0, {}, {})
    held = item >= 0
    matrix = sparse.csr_array(
        (np.ones(held.sum(), np.int32), (basket[held], item[held])),
        shape=(baskets, len(items)),
    )
    matrix.sum_duplicates()
    counts = np.bincount(matrix.indices, minlength=len(items))
    least = least_count(min_support, baskets)
    # rarest first; ties by the item itself, so that nothing hangs on the rows' order
    order = np.argsort(counts, kind="stable")
    order = order[counts[order] >= least]
    matrix = sparse.csr_array(matrix[:, order])
    found = _Found(max_length or len(order))
    found.add(np.arange(len(order))[:, None], counts[order])
    if found.max_length > 1:
        _search(matrix, least, found)
    return ItemSets(pd.Index(items)[order], baskets, found.sets(), found.all_counts())


def itemsets_of_counts(counts: pd.DataFrame, baskets: int) -> ItemSets:
    """Take frequent sets that were counted elsewhere, such as by a database.

    Parameters
    ----------
    counts : DataFrame of shape (n_sets, 1 + n)
        ``baskets``, and the items of each set in the other columns, from the left, null
        beyond its length. Each part of a set must be there as well, once.
    baskets : int
        How many baskets there are.

    Returns
    -------
    ItemSets
        The same, whatever the order of rows and of items in a set.

    Raises
    ------
    InputError
        If the column is missing, or a part of a set is.
    """
    need_columns(counts, ["baskets"], "itemsets_of_counts")
    names = counts.drop(columns="baskets")
    length = names.notna().sum(axis=1).to_numpy()
    single = counts[length == 1]
    single = single.sort_values(["baskets", names.columns[0]], kind="stable")
    items = pd.Index(single[names.columns[0]])
    place = np.column_stack(
        [items.get_indexer(names[column]) for column in names.columns]
    ).astype(np.int64)
    asked = np.arange(names.shape[1]) < length[:, None]
    refuse((asked & (place < 0)).any(axis=1), "an item has no count of its own",
           "itemsets_of_counts")  # fmt: skip
    sets: dict[int, Integers] = {}
    sums: dict[int, Integers] = {}
    for size in np.unique(length[length > 0]).tolist():
        of_size = length == size
        rows: Integers = np.sort(place[of_size, :size], axis=1)
        order = np.lexsort(rows.T[::-1])
        sets[size] = rows[order]
        sums[size] = counts["baskets"].to_numpy(np.int64)[of_size][order]
    return ItemSets(items, baskets, sets, sums)


class _Found:
    """Sets as they are found, by length."""

    def __init__(self, max_length: int) -> None:
        self.max_length = max_length
        self.parts: dict[int, list[tuple[Integers, Integers]]] = {}

    def add(self, sets: Integers, counts: Integers) -> None:
        if len(sets):
            self.parts.setdefault(sets.shape[1], []).append((sets, counts))

    def sets(self) -> dict[int, Integers]:
        return {
            length: np.concatenate([sets for sets, _ in parts])
            for length, parts in sorted(self.parts.items())
        }

    def all_counts(self) -> dict[int, Integers]:
        return {
            length: np.concatenate([counts for _, counts in parts]).astype(np.int64)
            for length, parts in sorted(self.parts.items())
        }


def _search(matrix: sparse.csr_array, least: int, found: _Found) -> None:
    """Look at each item's baskets alone."""
    by_item = sparse.csc_array(matrix)
    for first in range(matrix.shape[1]):
        rows = by_item.indices[by_item.indptr[first] : by_item.indptr[first + 1]]
        inside = matrix[rows]
        later = np.flatnonzero(inside.indices > first)
        together = np.bincount(inside.indices[later], minlength=matrix.shape[1])
        others = np.flatnonzero(together >= least)
        prefix = np.array([first])
        found.add(_with(prefix, others), together[others])
        if found.max_length > 2 and len(others) > 1:  # noqa: PLR2004 - pairs are done
            bits = np.concatenate(list(_bits(inside, others)))
            _extend(prefix, others, bits, least, found)


def _with(prefix: Integers, others: Integers) -> Integers:
    """Make sets of a prefix and one other item each."""
    return np.column_stack([np.tile(prefix, (len(others), 1)), others])


def _bits(inside: sparse.csr_array, items: Integers) -> Iterator[Bits]:
    """Rows of bits, one an item, one bit a basket; some items at a time."""
    words = -(-inside.shape[0] // BITS)
    each = max(MOST_CELLS // (words * BITS), 1)
    by_item = sparse.csc_array(inside)
    for start in range(0, len(items), each):
        some = items[start : start + each]
        cells = np.zeros((len(some), words * BITS), np.uint8)
        for row, item in enumerate(some):
            cells[
                row, by_item.indices[by_item.indptr[item] : by_item.indptr[item + 1]]
            ] = 1
        yield np.packbits(cells, axis=1).view(np.uint64)


def _extend(
    prefix: Integers, items: Integers, bits: Bits, least: int, found: _Found
) -> None:
    """Find what is frequent together with a prefix and two or more of the items."""
    for place in range(len(items) - 1):
        common = bits[place + 1 :] & bits[place]
        counts = np.bitwise_count(common).sum(axis=1, dtype=np.int64)
        keep = np.flatnonzero(counts >= least)
        if len(keep):
            longer = np.append(prefix, items[place])
            others = items[place + 1 :][keep]
            found.add(_with(longer, others), counts[keep])
            if len(keep) > 1 and len(longer) + 1 < found.max_length:
                _extend(longer, others, common[keep], least, found)
