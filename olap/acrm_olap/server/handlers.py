"""Problems of HTTP itself, as the same one object."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from acrm_olap.errors import nearest
from acrm_olap.server.problems import HttpError, Problem, problem
from acrm_olap.server.requests import (
    FactParams,
    Listed,
    MemberParams,
    QueryBody,
    QueryParams,
    TopBody,
)

_SEVERAL = {
    name
    for model in (QueryParams, MemberParams, FactParams)
    for name, field in model.model_fields.items()
    if field.annotation == list[Listed]
}
_FIELDS = sorted(
    {
        name
        for model in (QueryBody, QueryParams, MemberParams, FactParams, TopBody)
        for name in model.model_fields
    }
)
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in {
        400: "The question has no answer as it was asked.",
        401: "A token is needed.",
        403: "Not from there.",
        404: "There is no such cube or level.",
        406: "Not in that form.",
        413: "The request or its answer is too large.",
        422: "The request cannot be read.",
        503: "Too much to do, or what is served has a fault.",
        504: "It took too long.",
    }.items()
}
_NAMES = {
    404: ("not_found", "There is nothing here."),
    405: ("method", "This is not how it is asked."),
    413: ("too_large", "The request is too large."),
}


async def no_twice(request: Request) -> None:
    """Refuse a parameter that is given twice, of which one would be overlooked."""
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if given.count(name) > 1 and name not in _SEVERAL:
            raise HttpError(
                422,
                problem("twice", f"'{name}' is given twice.", where=f"query.{name}",
                        hint="Give it once."),
            )  # fmt: skip


def add_handlers(app: FastAPI) -> None:
    """Answer everything that goes wrong with a problem."""

    @app.exception_handler(HttpError)
    async def known(_: Request, error: HttpError) -> JSONResponse:
        return JSONResponse(error.problem.model_dump(), error.status, error.headers)

    @app.exception_handler(RequestValidationError)
    async def unreadable(_: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse(_unreadable(error).model_dump(), 422)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        kind, what = _NAMES.get(error.status_code, ("request", str(error.detail)))
        hint = "GET / says what is here."
        if error.status_code == 405:  # noqa: PLR2004 -- method not allowed
            hint = f"{request.method} is not; {hint}"
        found = problem(kind, what, where=request.url.path, hint=hint)
        headers = dict(error.headers) if error.headers else None
        return JSONResponse(found.model_dump(), error.status_code, headers)

    @app.exception_handler(Exception)
    async def unforeseen(_: Request, __: Exception) -> JSONResponse:
        # It is raised again after this, and the log has all of it.
        found = problem(
            "internal", "Something went wrong here, not with the request.",
            hint="The log of the server says what.",
        )  # fmt: skip
        return JSONResponse(found.model_dump(), 500)


def _unreadable(error: RequestValidationError) -> Problem:
    fault = error.errors()[0]
    where = ".".join(map(str, fault["loc"]))
    name = str(fault["loc"][-1]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        near = nearest(name, _FIELDS)
        return problem(
            "unreadable", f"'{name}' is not known here.", where=where, nearest=near,
            hint=f"Did you mean '{near}'?" if near else "GET /openapi.json has all.",
        )  # fmt: skip
    reason = str(fault["msg"]).removeprefix("Value error, ")
    return problem(
        "unreadable", f"'{name}' cannot be taken: {reason}.", where=where,
        hint="GET /openapi.json has all that can be given.",
    )  # fmt: skip
