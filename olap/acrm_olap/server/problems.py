"""What went wrong, as one object: what, where, what to do, the nearest right name."""

from __future__ import annotations

import re

from pydantic import BaseModel, Field

from acrm.errors import AcrmError
from acrm_olap.errors import CubeError as _CubeError
from acrm_olap.errors import (
    DefinitionError,
    QueryStoppedError,
    TooLargeError,
    UnknownNameError,
)
from acrm_olap.server.access import View

JSON = "application/json"


class Problem(BaseModel):
    """Why there is no answer."""

    error: str = Field(description="Kind: unknown_name, meaning, too_large ...")
    what: str = Field(description="What is wrong, with what was given.")
    where: str = Field(description="What it is about; may be empty.")
    hint: str = Field(description="What is allowed, and what to do next.")
    nearest: str = Field(description="The nearest right name; may be empty.")


class HttpError(Exception):
    """An answer that is a problem.

    Parameters
    ----------
    status : int
        Of HTTP.
    problem : Problem
        Its body.
    headers : mapping, optional
        Of the answer.
    """

    def __init__(
        self, status: int, problem: Problem, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(problem.what)
        self.status = status
        self.problem = problem
        self.headers = headers or {}


def problem(
    error: str, what: str, *, where: str = "", hint: str = "", nearest: str = ""
) -> Problem:
    """Return a problem."""
    return Problem(error=error, what=what, where=where, hint=hint, nearest=nearest)


def busy(waiting: int) -> HttpError:
    """Return the answer of a server that has too much to do."""
    return HttpError(
        503,
        problem(
            "busy", f"{waiting:,} requests wait already.", hint="Ask again in a while."
        ),
        {"Retry-After": "5"},
    )


def of_error(
    error: Exception, view: View | None, asked: str = "", *, in_path: bool = False
) -> HttpError:
    """Return the answer to a request that cannot be answered.

    Parameters
    ----------
    error : Exception
        Why.
    view : View or None
        What the caller sees; nothing else is told.
    asked : str
        What the caller wrote, which tells nothing new.
    in_path : bool
        Whether the name that is not known is part of the path.
    """
    if isinstance(error, HttpError):
        return error
    if isinstance(error, RecursionError):
        return HttpError(
            400,
            problem("too_deep", "The request is nested too deeply.",
                    hint="Make measures of the parts of expressions."),
        )  # fmt: skip
    if not isinstance(error, AcrmError):
        raise error
    status = _status(error, in_path=in_path)
    kind = _kind(error)
    whole = view is not None and view.is_whole
    if not whole and (
        type(error) is _CubeError or not isinstance(error, _CubeError)
        or isinstance(error, DefinitionError) or _tells(error, view, asked)
    ):  # fmt: skip
        # Such messages quote tables, files and values that the caller may not see.
        what = "The query has no answer."
        return HttpError(status, problem(kind, what, hint="Ask in another way."))
    found = problem(
        kind, error.what, where=error.where, hint=error.hint,
        nearest=error.nearest if isinstance(error, UnknownNameError) else "",
    )  # fmt: skip
    return HttpError(status, found)


def _status(error: AcrmError, *, in_path: bool) -> int:
    if isinstance(error, UnknownNameError):
        return 404 if in_path else 400
    if isinstance(error, TooLargeError):
        return 413
    if isinstance(error, QueryStoppedError):
        return 504
    if isinstance(error, DefinitionError) or not isinstance(error, _CubeError):
        return 503
    return 400


def _kind(error: Exception) -> str:
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _tells(error: AcrmError, view: View | None, asked: str) -> bool:
    """Whether a message names a hidden measure that the caller did not name."""
    if view is None or isinstance(error, UnknownNameError):
        return False
    text = f"{error.what} {error.where} {error.hint}"
    hidden = {name.rpartition(".")[2] for name in view.rights.hidden}
    return any(
        re.search(rf"\b{re.escape(name)}\b", text)
        and not re.search(rf"\b{re.escape(name)}\b", asked)
        for name in hidden
    )
