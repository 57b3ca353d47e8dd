"""Arrays of numbers as columns of a delivery.

Below nought means missing in every index, number of seconds and number of days.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from acrm.example.settings import Array

Column = pa.Array
MISSING = -1


def _validity(missing: Array | None) -> pa.Buffer | None:
    if missing is None or not missing.any():
        return None
    return pa.py_buffer(np.packbits(~missing, bitorder="little").tobytes())


def code(prefix: str, numbers: Array, width: int = 7) -> pa.Array:
    """Return ids such as ``P0000017``: all of one length, null below nought."""
    count = len(numbers)
    length = len(prefix) + width
    letters = np.empty((count, length), dtype=np.uint8)
    letters[:, : len(prefix)] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    rest = np.maximum(numbers, 0).astype(np.int64)
    for position in range(length - 1, len(prefix) - 1, -1):
        rest, digit = np.divmod(rest, 10)
        letters[:, position] = digit + ord("0")
    offsets = np.arange(count + 1, dtype=np.int64) * length
    return pa.LargeStringArray.from_buffers(
        count,
        pa.py_buffer(offsets),
        pa.py_buffer(letters),
        _validity(np.asarray(numbers) < 0),
    )


def pick(texts: Sequence[str] | pa.Array, index: Array) -> pa.Array:
    """Return the texts at an index, null below nought."""
    given = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.large_string())
    return pc.take(given, whole(index))


def join(*parts: pa.Array | str, between: str = "") -> pa.Array:
    """Return texts put together; null where a part is."""
    cast = [
        each if isinstance(each, str) else each.cast(pa.large_string())
        for each in parts
    ]
    scalars = [
        pa.scalar(each, pa.large_string()) if isinstance(each, str) else each
        for each in cast
    ]
    return pc.binary_join_element_wise(*scalars, pa.scalar(between, pa.large_string()))


def constant(value: str | None, count: int) -> pa.Array:
    """Return one text, again and again."""
    return pa.repeat(pa.scalar(value, pa.large_string()), count)


def whole(numbers: Array, missing: Array | None = None) -> pa.Array:
    """Return whole numbers; null below nought, or where `missing` says so."""
    given = np.ascontiguousarray(numbers, dtype=np.int64)
    gaps = given < 0 if missing is None else missing
    return pa.Int64Array.from_buffers(
        pa.int64(), len(given), [_validity(gaps), pa.py_buffer(given)]
    )


def flag(values: Array, missing: Array | None = None) -> pa.Array:
    """Return true and false, and null where `missing`."""
    return pa.array(np.asarray(values, dtype=bool), mask=missing)


def money(
    units: Array, precision: int = 12, scale: int = 2, missing: Array | None = None
) -> pa.Array:
    """Return decimals from whole numbers of their smallest unit."""
    given = np.asarray(units, dtype=np.int64)
    halves = np.empty((len(given), 2), dtype=np.int64)
    halves[:, 0] = given
    halves[:, 1] = given >> 63
    return pa.Decimal128Array.from_buffers(
        pa.decimal128(precision, scale),
        len(given),
        [_validity(missing), pa.py_buffer(halves)],
    )


def moment(seconds: Array) -> pa.Array:
    """Return timestamps from seconds since 1970 (UTC)."""
    given = np.ascontiguousarray(seconds, dtype=np.int64)
    return pa.Array.from_buffers(
        pa.timestamp("s"), len(given), [_validity(given < 0), pa.py_buffer(given)]
    )


def dates(days: Array, missing: Array | None = None) -> pa.Array:
    """Return dates from days since 1970; with `missing`, also of days before."""
    given = np.ascontiguousarray(days, dtype=np.int32)
    gaps = given < 0 if missing is None else missing
    return pa.Array.from_buffers(
        pa.date32(), len(given), [_validity(gaps), pa.py_buffer(given)]
    )
