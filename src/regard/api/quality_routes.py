"""How good the data of each source is, and a second look at a value that somebody is typing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from regard.api.authenticate import asked_by, authenticate, require_right
from regard.api.services import Services
from regard.intake.judge_health import read_drift, read_health
from regard.quality.count_quality import QUERIES
from regard.quality.judge_values import JUDGED, judge_value
from regard.quality.read_scorecard import FieldScore, KindScore, read_scorecard
from regard.quality.value_verdict import REASONS
from regard.sources.manage_sources import read_source
from regard.views.compose_flagged import Flagged

RIGHT = "sources"
_ORDER = ("failing", "late", "waiting", "well", "off")


class ValueBody(BaseModel):
    """A value as it is typed; `country` (ISO 3166) is where national numbers and postcodes are from."""

    field: str = Field(max_length=60)
    value: str = Field(max_length=2_000)
    country: str = Field(default="", max_length=2)


def routes(services: Services) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["quality"])

    @router.get("/sources/{source}/quality", operation_id="readScorecard")
    async def read(request: Request, source: str) -> dict[str, Any]:
        """The scorecard of a source: how filled and how valid each field is, and why not."""
        await require_right(request, services.sign_in, RIGHT)
        async with services.pool.acquire() as connection:
            await read_source(connection, source)
            scores = await read_scorecard(connection, source)
        return {"source": source, "kinds": [_told_kind(score) for score in scores]}

    @router.get("/sources/{source}/quality/records", operation_id="listFlaggedRecords")
    async def flagged(
        request: Request,
        source: str,
        flag: str = Query(max_length=150),
        after: UUID | None = None,
        limit: int = Query(50, ge=1, le=200),
    ) -> Response:
        """The records behind a figure; `flag` is field:verdict:reason, as the scorecard names them."""
        await require_right(request, services.sign_in, RIGHT)
        async with services.pool.acquire() as connection:
            known = await read_source(connection, source)
            rows = await connection.fetch(QUERIES["read_flagged"], source, flag, after, limit)
        ids = [row["record_id"] for row in rows]
        asked = await asked_by(request, services.sign_in)
        figure = Flagged(source, flag, known.country or "", ids[-1] if len(ids) == limit else None)
        body = await services.door.rows.flagged_records(asked, figure, ids)
        return Response(body, media_type="application/json")

    @router.get("/source-health", operation_id="readSourceHealth")
    async def health(request: Request, source: str | None = None) -> dict[str, Any]:
        """How each source is doing, the troubled ones first, and what changed in the form of its records."""
        await require_right(request, services.sign_in, RIGHT)
        now = services.clock.now()
        async with services.pool.acquire() as connection:
            found = await read_health(connection, now)
            drift = await read_drift(connection, source, now)
        told = [one for one in found if source in (None, one.source)]
        told.sort(key=lambda one: (_ORDER.index(one.state), one.title))
        return {"sources": [asdict(one) for one in told], "drift": [asdict(one) for one in drift]}

    @router.post("/check-value", operation_id="checkValue")
    async def check(request: Request, body: ValueBody) -> dict[str, Any]:
        """What is thought of a value, and what was probably meant. Nothing is kept."""
        await authenticate(request, services.sign_in)
        if body.field not in JUDGED:
            return {"verdict": "ok", "value": body.value, "reason": None, "detail": None, "suggestion": None}
        judged = judge_value(body.field, body.value, body.country.upper(), services.clock.now().date())
        return {
            "verdict": judged.verdict,
            "value": judged.value,
            "reason": judged.reason or None,
            "detail": REASONS.get(judged.reason),
            "suggestion": judged.suggestion or None,
        }

    return router


def _told_kind(score: KindScore) -> dict[str, Any]:
    return {
        "kind": score.kind,
        "records": score.records,
        "fields": [_told_field(score, one) for one in score.fields.values()],
    }


def _told_field(score: KindScore, one: FieldScore) -> dict[str, Any]:
    return {
        "field": one.name,
        "filled": one.filled,
        "filled_share": round(score.filled_share(one.name), 4),
        "judged": one.judged,
        "ok": one.ok,
        "fixed": one.fixed,
        "suspect": one.suspect,
        "invalid": one.invalid,
        "valid_share": None if one.valid_share is None else round(one.valid_share, 4),
        "reasons": [
            {
                "verdict": verdict,
                "reason": reason,
                "detail": REASONS.get(reason),
                "records": n,
                "flag": f"{one.name}:{verdict}:{reason}",
            }
            for (verdict, reason), n in sorted(one.reasons.items(), key=lambda pair: -pair[1])
        ],
    }
