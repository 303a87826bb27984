"""Merging, splitting and taking back."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from regard.api.authenticate import authenticate
from regard.api.read_queries import read_id
from regard.api.services import Services
from regard.stewardship.record_judgement import Judged
from regard.views.door_gate import CustomerUnknownError


class MergeBody(BaseModel):
    """The customer that is the same, and why."""

    other: UUID = Field(alias="with")
    reason: str = Field(default="", max_length=1000)


class SplitBody(BaseModel):
    """The records that belong to somebody else, and why."""

    records: list[UUID] = Field(min_length=1, max_length=1000)
    reason: str = Field(default="", max_length=1000)


class AnswerBody(BaseModel):
    """Two records of the queue, and what a person says of them."""

    left: UUID
    right: UUID
    answer: Literal["same", "different", "later"]
    reason: str = Field(default="", max_length=1000)


def routes(services: Services) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["stewardship"])
    bench, sign_in = services.bench, services.sign_in

    @router.post("/customers/{customer_id}/merge", operation_id="mergeCustomers")
    async def merge(request: Request, customer_id: str, body: MergeBody) -> dict[str, Any]:
        """Judge that two customers are one; answers once the screen can be asked for anew."""
        principal = await authenticate(request, sign_in)
        return _told(await bench.merge(principal, _known(customer_id), body.other, body.reason))

    @router.post("/customers/{customer_id}/split", operation_id="splitCustomer")
    async def split(request: Request, customer_id: str, body: SplitBody) -> dict[str, Any]:
        """Judge that some records are somebody else."""
        principal = await authenticate(request, sign_in)
        return _told(await bench.split(principal, _known(customer_id), body.records, body.reason))

    @router.post("/identity/queue/answers", operation_id="answerDoubt")
    async def answer(request: Request, body: AnswerBody) -> dict[str, Any]:
        """Settle a pair of the queue, or put it off for a week; a verdict is a judgement like any other."""
        principal = await authenticate(request, sign_in)
        pair = body.left, body.right
        if body.answer == "later":
            return {"until": await bench.postpone(principal, pair)}
        return _told(await bench.answer(principal, pair, body.answer, body.reason))

    @router.delete("/judgements/{judgement_id}", operation_id="undoJudgement")
    async def undo(
        request: Request, judgement_id: UUID, reason: str = Query("", max_length=1000)
    ) -> dict[str, Any]:
        """Take a judgement back: it is as if it had never been made."""
        principal = await authenticate(request, sign_in)
        return _told(await bench.undo(principal, judgement_id, reason))

    return router


def _known(customer_id: str) -> UUID:
    known = read_id(customer_id)
    if known is None:
        raise CustomerUnknownError
    return known


def _told(judged: Judged) -> dict[str, Any]:
    return {
        "judgement": str(judged.judgement_id),
        "customer": str(judged.customer_id) if judged.customer_id else None,
        "applied": judged.applied,
    }
