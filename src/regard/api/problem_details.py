"""Answers failures as problem details (RFC 9457): a sentence for people, a code for machines, no stack."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from regard.access.audit_reads import AuditUnavailableError
from regard.access.hash_passwords import SignInsBusyError
from regard.access.sign_in import TooManyTriesError
from regard.api.authenticate import request_id_of
from regard.intake.meter_pushes import QuotaExceededError
from regard.kit.errors import RegardError

_LOG = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
_FAULT = 500
_TITLES = {
    400: "The request cannot be read", 401: "Not signed in", 403: "Not allowed", 404: "Not found",
    405: "This address does not take that method", 408: "Too slow", 409: "Conflict", 413: "Too large",
    415: "Unknown kind of content", 422: "The request cannot be followed", 429: "Too many requests",
    500: "Something went wrong here", 503: "Not available right now",
}  # fmt: skip


def install_problem_details(app: FastAPI) -> None:
    """Make the application answer every failure this way."""
    app.add_exception_handler(RegardError, _answer_expected)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(asyncpg.PostgresConnectionError, _answer_database)
    app.add_exception_handler(asyncpg.InterfaceError, _answer_database)
    app.add_exception_handler(asyncpg.InternalClientError, _answer_database)
    app.add_exception_handler(OSError, _answer_database)
    app.add_exception_handler(asyncpg.CharacterNotInRepertoireError, _answer_unstorable)
    app.add_exception_handler(Exception, _answer_fault)


def problem_response(request: Request, error: RegardError) -> JSONResponse:
    """The answer to an expected failure; what an operator must know stays in the log."""
    status = error.status
    says_why = status < _FAULT or isinstance(error, (AuditUnavailableError, SignInsBusyError))
    detail = str(error) if says_why else "The log of the server has more under this request id."
    headers: dict[str, str] = {}
    if isinstance(error, (TooManyTriesError, QuotaExceededError)):
        headers["retry-after"] = str(error.retry_after)
    if status == 503:
        headers["retry-after"] = "2"
    return _problem(request, status, error.code, detail, headers)


async def _answer_expected(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RegardError)
    if error.status >= _FAULT:
        _LOG.error("request_failed", request_id=request_id_of(request), code=error.code, problem=str(error))
    return problem_response(request, error)


async def _answer_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    told = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
    return _problem(request, 422, "invalid_request", "; ".join(told[:10]), {})


async def _answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    codes = {404: "no_such_address", 405: "method_not_allowed"}
    details = {404: "there is nothing at this address", 405: "this address does not take that method"}
    code = codes.get(error.status_code, f"http_{error.status_code}")
    detail = details.get(error.status_code, str(error.detail))
    return _problem(request, error.status_code, code, detail, dict(error.headers or {}))


async def _answer_database(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("database_away", request_id=request_id_of(request), error=type(error).__name__)
    detail = "The database cannot be reached; nothing was changed. Try again soon."
    return _problem(request, 503, "database_unreachable", detail, {"retry-after": "2"})


async def _answer_unstorable(request: Request, error: Exception) -> JSONResponse:
    detail = "a text of the request holds the character NUL, which no database text can hold; leave it out"
    return _problem(request, 422, "unstorable_text", detail, {})


async def _answer_fault(request: Request, error: Exception) -> JSONResponse:
    # The text of an unexpected error may hold a customer's data, so only its kind and place are kept.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
    _LOG.error("request_broke", request_id=request_id_of(request), error=type(error).__name__, where=where)
    return _problem(request, 500, "fault", "The log of the server has more under this request id.", {})


def _problem(
    request: Request, status: int, code: str, detail: str, headers: Mapping[str, str]
) -> JSONResponse:
    body = {
        "type": f"urn:regard:problem:{code}",
        "title": _TITLES.get(status, "The request failed"),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id_of(request),
    }
    return JSONResponse(body, status, dict(headers), MEDIA_TYPE)
