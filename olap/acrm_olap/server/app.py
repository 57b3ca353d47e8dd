"""The routes: what is here, cubes, members, questions, rows behind a cell, plans."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import Response

from acrm import __version__
from acrm_olap.query import Query as CubeQuery
from acrm_olap.running.describe import describe
from acrm_olap.server.answers import (
    Answer,
    CubeInfo,
    CubeList,
    CubeName,
    Explanation,
    FactPage,
    Health,
    MemberList,
    Start,
)
from acrm_olap.server.asking import (
    Asking,
    answer,
    explain,
    facts,
    list_members,
    require_cube,
)
from acrm_olap.server.guard import App, Guard
from acrm_olap.server.handlers import REFUSALS, add_handlers, no_twice
from acrm_olap.server.requests import (
    FactParams,
    FormatParams,
    MemberParams,
    QueryBody,
    QueryParams,
)
from acrm_olap.server.warehouse import State, Warehouse
from acrm_olap.server.work import Workers

ROUTES = {
    "health": "/health",
    "cubes": "/cubes",
    "cube": "/cubes/{cube}",
    "members": "/cubes/{cube}/members/{level}",
    "query": "/query",
    "query_by_url": "/cubes/{cube}/query",
    "facts": "/cubes/{cube}/facts",
    "explain": "/explain",
    "explain_by_url": "/cubes/{cube}/explain",
    "description": "/openapi.json",
}
MEDIA_OF_TABLES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.apache.arrow.stream": {
                "schema": {"type": "string", "format": "binary"}
            },
        }
    }
}


def create_app(warehouse: Warehouse) -> App:
    """Return the server of a warehouse as an ASGI application.

    Parameters
    ----------
    warehouse : Warehouse
        Closed when the server ends.
    """
    workers = Workers(warehouse.settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        warehouse.watch()
        try:
            yield
        finally:
            await asyncio.to_thread(workers.close)
            await asyncio.to_thread(warehouse.close)

    app = FastAPI(
        title="acrm cubes",
        version=__version__,
        description="Ask cubes over published stars; read-only.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        dependencies=[Depends(no_twice)],
    )
    add_handlers(app)
    origins = list(warehouse.settings.allow_origin)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )
    app.state.warehouse = warehouse
    app.state.workers = workers
    _add_looking_round(app, warehouse, workers)
    _add_asking(app)
    return Guard(app, warehouse.settings)


Asked = Annotated[Asking, Depends(Asking.of)]


def _add_looking_round(app: FastAPI, warehouse: Warehouse, workers: Workers) -> None:
    @app.get("/", responses=REFUSALS)
    async def start(asking: Asked) -> Start:
        """Say what is here."""
        state = warehouse.state
        view = asking.view_in(state)
        return Start(
            name="acrm cubes", version=__version__, source=state.source_name,
            cubes=list(view.cubes), links=dict(ROUTES),
        )  # fmt: skip

    @app.get("/health")
    async def health(request: Request) -> Health:
        """Say whether cubes are served, and from what; needs no token."""
        state = warehouse.state
        faults = [*([warehouse.fault] if warehouse.fault else []), *state.faults]
        asking = Asking.of(request)
        view = state.view(asking.token)
        whole = view is not None and view.is_whole
        counts = warehouse.cache.counts() if warehouse.cache is not None else None
        return Health(
            status="fault" if faults else "ok",
            source=state.source_name,
            version=state.engine.database.version,
            data_through=dict(state.engine.database.data_through),
            faults=faults if whole else [],
            running=workers.running,
            waiting=workers.waiting,
            cache={} if counts is None else {
                name: getattr(counts, name)
                for name in ("hits", "misses", "waits", "entries", "bytes")
            },
        )  # fmt: skip

    @app.get("/cubes", responses=REFUSALS)
    async def cubes(asking: Asked) -> CubeList:
        """List the cubes."""
        state = warehouse.state
        view = asking.view_in(state)
        database = state.engine.database
        return CubeList(
            source=state.source_name, version=database.version,
            data_through=dict(database.data_through),
            cubes=[CubeName.of(each) for each in view.cubes.values()
                   if each.definition.visible],
        )  # fmt: skip

    @app.get("/cubes/{cube}", responses=REFUSALS)
    async def cube(cube: str, asking: Asked) -> CubeInfo:
        """Describe a cube: dimensions, levels, measures, sets, how far data go."""

        def work(state: State) -> CubeInfo:
            view = asking.view_in(state)
            found = describe(state.engine, require_cube(view, cube), view.rights)
            return CubeInfo.model_validate(found | {"source": state.source_name})

        return await asking.run(work)

    @app.get("/cubes/{cube}/members/{level}", responses=REFUSALS)
    async def members(
        cube: str, level: str, params: Annotated[MemberParams, Query()], asking: Asked
    ) -> MemberList:
        """List members of a level, page by page."""
        return await asking.run(
            lambda state: list_members(state, asking.view_in(state), cube, level,
                                       params)
        )  # fmt: skip


def _add_asking(app: FastAPI) -> None:
    async def answered(
        asking: Asking, query: CubeQuery, params: FormatParams, *, in_path: bool
    ) -> Response:
        return await asking.send(
            lambda state: answer(state, asking.view_in(state), query, in_path=in_path),
            params.format,
        )

    tables: dict[int | str, dict[str, Any]] = {**REFUSALS, **MEDIA_OF_TABLES}

    @app.post("/query", response_model=Answer, responses=tables)
    async def query(
        body: QueryBody, params: Annotated[FormatParams, Query()], asking: Asked
    ) -> Response:
        """Answer a question."""
        found = asking.made(body.query)
        return await answered(asking, found, params, in_path=False)

    @app.get("/cubes/{cube}/query", response_model=Answer, responses=tables)
    async def query_by_url(
        cube: str, params: Annotated[QueryParams, Query()], asking: Asked
    ) -> Response:
        """Answer a question that is written as cuts and drilldowns."""
        found = asking.made(lambda: params.query(cube))
        return await answered(asking, found, params, in_path=True)

    @app.get("/cubes/{cube}/facts", response_model=FactPage, responses=tables)
    async def rows_of_facts(
        cube: str, params: Annotated[FactParams, Query()], asking: Asked
    ) -> Response:
        """Return the rows behind a cell, page by page."""
        return await asking.send(
            lambda state: facts(state, asking.view_in(state), cube, params),
            params.format,
        )

    @app.post("/explain", responses=REFUSALS)
    async def explained(body: QueryBody, asking: Asked) -> Explanation:
        """Say how a question would be answered, with its SQL."""
        found = asking.made(body.query)
        return await asking.run(
            lambda state: explain(state, asking.view_in(state), found, in_path=False)
        )

    @app.get("/cubes/{cube}/explain", responses=REFUSALS)
    async def explained_by_url(
        cube: str, params: Annotated[QueryParams, Query()], asking: Asked
    ) -> Explanation:
        """Say how a question that is written as a URL would be answered."""
        found = asking.made(lambda: params.query(cube))
        return await asking.run(
            lambda state: explain(state, asking.view_in(state), found, in_path=True)
        )
