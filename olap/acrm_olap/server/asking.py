"""One request: who asks, what of the state answers, in which form it is sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from acrm.errors import AcrmError
from acrm_olap.definitions import BoundCube
from acrm_olap.errors import TooLargeError
from acrm_olap.query import Query, read_url_cuts, read_url_names
from acrm_olap.running.drill_through import find_facts
from acrm_olap.running.members import find_members
from acrm_olap.server.access import View
from acrm_olap.server.answers import (
    Answer,
    Explanation,
    FactPage,
    MemberInfo,
    MemberList,
)
from acrm_olap.server.encode import MEDIA, as_arrow, as_csv, as_json, exact
from acrm_olap.server.explaining import explanation
from acrm_olap.server.fields import fact_fields, fields_of, source_of
from acrm_olap.server.problems import HttpError, of_error, problem
from acrm_olap.server.requests import FactParams, MemberParams
from acrm_olap.server.warehouse import State, Warehouse
from acrm_olap.server.work import Workers

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger("acrm.serve")
T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """An answer before it is written: what it is about, and its cells."""

    head: BaseModel
    table: pa.Table
    about: dict[str, str]


@dataclass(frozen=True)
class Asking:
    """A request and who asks.

    Parameters
    ----------
    request : Request
        As it came.
    token : str
        As it came; empty if there is none.
    """

    request: Request
    token: str

    @classmethod
    def of(cls, request: Request) -> Asking:
        """Return who asks."""
        given = request.headers.get("authorization", "")
        kind, _, token = given.partition(" ")
        return cls(request, token.strip() if kind.lower() == "bearer" else "")

    @property
    def _warehouse(self) -> Warehouse:
        found: Warehouse = self.request.app.state.warehouse
        return found

    @property
    def _workers(self) -> Workers:
        found: Workers = self.request.app.state.workers
        return found

    def view_in(self, state: State) -> View:
        """Return what the caller sees of a state.

        Raises
        ------
        HttpError
            If the token is none.
        """
        view = state.view(self.token)
        if view is None:
            given = "This token is not known." if self.token else "A token is needed."
            raise HttpError(
                401,
                problem("token", given, where="header Authorization",
                        hint="Send it as `Authorization: Bearer TOKEN`."),
                {"WWW-Authenticate": "Bearer"},
            )  # fmt: skip
        return view

    def made(self, make: Callable[[], Query]) -> Query:
        """Return the query of a request, or answer why it is none."""
        view = self.view_in(self._warehouse.state)
        try:
            return make()
        except (AcrmError, RecursionError) as error:
            raise of_error(error, view, str(error)) from error

    async def run(self, work: Callable[[State], T]) -> T:
        """Return what is found in the state, within the limits."""
        self.view_in(self._warehouse.state)

        def within() -> T:
            with self._warehouse.lease() as state:
                view = self.view_in(state)
                try:
                    return work(state)
                except (AcrmError, RecursionError) as error:
                    found = of_error(error, view, self._text)
                    if found.problem.what != getattr(error, "what", ""):
                        log.warning("not told to '%s': %s", view.role, error)
                    raise found from error

        try:
            return await self._workers.run(within, self.gone)
        except AcrmError as error:
            raise of_error(error, self._warehouse.state.whole) from error

    @property
    def _text(self) -> str:
        body = getattr(self.request, "_body", b"")
        return f"{self.request.url} {body.decode('utf-8', 'replace')}"

    async def gone(self) -> None:
        """Return when the client has gone away."""
        while True:
            message = await self.request.receive()
            if message["type"] == "http.disconnect":
                return

    async def send(
        self, work: Callable[[State], Found], form: str | None
    ) -> StreamingResponse:
        """Send what is found as JSON, CSV or Arrow."""
        chosen = form or form_of(self.request.headers.get("accept", "*/*"))
        await self._workers.hold_answer(self.gone)
        try:
            found = await self.run(work)
        except BaseException:
            self._workers.release_answer()
            raise
        headers = {f"X-Acrm-{name}": quote(text, safe=" ,:+=")
                   for name, text in found.about.items()}  # fmt: skip
        return Sent(
            written(found, chosen), self._workers, media_type=MEDIA[chosen],
            headers={**headers, "Vary": "Accept"},
        )  # fmt: skip


class Sent(StreamingResponse):
    """An answer that is sent piece by piece, each in time, then leaves memory.

    Parameters
    ----------
    pieces : iterator of bytes
        Of its body.
    workers : Workers
        Who count it.
    **more
        Of a response.
    """

    def __init__(self, pieces: Iterator[bytes], workers: Workers, **more: Any) -> None:
        super().__init__(pieces, **more)
        self.workers = workers

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send it; a client that does not take it is left."""

        async def in_time(message: Any) -> None:
            async with asyncio.timeout(self.workers.settings.seconds):
                await send(message)

        try:
            await super().__call__(scope, receive, in_time)
        except (TimeoutError, ClientDisconnect):
            log.warning("an answer was not taken in time, and is dropped")
        finally:
            self.workers.release_answer()


def form_of(accept: str) -> str:
    """Return the form that an Accept header likes best.

    Raises
    ------
    HttpError
        If none of ours is among them.
    """
    liked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")):
        kind, *more = (each.strip().lower() for each in part.split(";"))
        weight = 1.0
        for each in more:
            if each.startswith("q="):
                try:
                    weight = float(each[2:])
                except ValueError:
                    weight = 0.0
        for name, media in MEDIA.items():
            ours = media.partition(";")[0]
            if kind in {ours, f"{ours.partition('/')[0]}/*", "*/*"} and weight > 0:
                liked.append((-weight, place, name))
                break
    if not liked:
        raise HttpError(
            406,
            problem("form", "None of the forms that are accepted can be given.",
                    where="header Accept",
                    hint=f"There are: {', '.join(MEDIA.values())}."),
        )  # fmt: skip
    return min(liked)[2]


def written(found: Found, form: str) -> Iterator[bytes]:
    """Yield an answer in a form."""
    if form == "csv":
        return as_csv(found.table)
    if form == "arrow":
        about = found.head.model_dump(mode="json")
        del about["cells"]
        return as_arrow(found.table, about)
    return as_json(found.head, found.table)


def require_cube(view: View, name: str, *, in_path: bool = True) -> BoundCube:
    """Return a cube that a caller sees, or answer that there is none."""
    try:
        return view.cube(name)
    except AcrmError as error:
        raise of_error(error, view, in_path=in_path) from error


def answer(state: State, view: View, query: Query, *, in_path: bool) -> Found:
    """Return the answer to a query."""
    require_cube(view, query.cube, in_path=in_path)
    result = state.engine.ask(query, view.rights)
    most = state.cells
    width = max(len(result.measures), 1)
    if len(result) * width > most:
        raise TooLargeError(
            f"The answer has {len(result):,} rows of {width} measures, more than"
            f" {most:,} cells.",
            hint="Cut it, ask for fewer levels, or page through it with limit and"
            " offset.",
        )
    source = source_of(result.source)
    head = Answer(
        cube=query.cube, rows=list(query.rows), columns=list(query.columns),
        measures=list(query.measures), as_of=query.as_of, notes=list(result.notes),
        source=source, fields=fields_of(result), cells=[],
    )  # fmt: skip
    about = {
        "Source": source.name,
        "Served-By": source.served_by,
        "Seconds": f"{source.seconds:.6f}",
        "Data-Through": ", ".join(f"{k}={v}" for k, v in source.data_through.items()),
    }
    return Found(head, result.table, about)


def explain(state: State, view: View, query: Query, *, in_path: bool) -> Explanation:
    """Return how a query would be answered."""
    require_cube(view, query.cube, in_path=in_path)
    return explanation(state.engine, view, query)


def list_members(
    state: State, view: View, cube: str, level: str, params: MemberParams
) -> MemberList:
    """Return a page of members."""
    bound = require_cube(view, cube)
    try:
        found = bound.level(level)
    except AcrmError as error:
        raise of_error(error, view, in_path=True) from error
    members = find_members(
        state.engine, bound, found, read_url_cuts(params.cut),
        search=params.search, limit=params.limit, offset=params.offset,
        as_of=params.as_of, rights=view.rights, missing=params.missing,
    )  # fmt: skip
    full = len(members) == params.limit
    return MemberList(
        level=found.path,
        members=[
            MemberInfo(
                key=exact(each.key), label=each.label,
                attributes=exact(each.attributes), parents=exact(each.parents),
            )
            for each in members
        ],
        next_offset=params.offset + params.limit if full else None,
    )  # fmt: skip


def facts(state: State, view: View, cube: str, params: FactParams) -> Found:
    """Return a page of the rows behind a cell."""
    bound = require_cube(view, cube)
    names = read_url_names(params.columns, "columns")
    table = find_facts(
        state.engine, bound, read_url_cuts(params.cut), columns=names,
        limit=params.limit, offset=params.offset, as_of=params.as_of,
        rights=view.rights, missing=params.missing,
    )  # fmt: skip
    full = table.num_rows == params.limit
    head = FactPage(
        cube=cube, fields=fact_fields(bound, table), cells=[],
        next_offset=params.offset + params.limit if full else None,
    )  # fmt: skip
    return Found(head, table, {"Source": state.source_name})
