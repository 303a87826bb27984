"""What became of an import: its rows behind the numbers, old against new, and taking it back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from regard.api.authenticate import asked_by, require_right
from regard.api.find_imports import describe_import, find_import
from regard.api.read_queries import read_number
from regard.api.services import Services
from regard.intake.keep_imports import FileImport
from regard.intake.keep_taken_rows import TakenOutcome, list_taken_rows
from regard.intake.revert_import import start_revert
from regard.intake.sample_import import sample_rows
from regard.sources.manage_sources import read_source
from regard.views.compose_import_rows import BecameRow

RIGHT = "import"
_ROWS, _MOST_ROWS = 100, 1_000
_SAMPLE, _MOST_SAMPLE = 20, 200


def routes(services: Services) -> list[Route]:
    """The routes. They need the right `import`; what stands in the rows leaves through the door."""

    async def revert(request: Request) -> Response:
        """Take the whole import back; customers are then what they would be without it."""
        await require_right(request, services.sign_in, RIGHT)
        file = await find_import(request, services)
        async with services.pool.acquire() as connection, connection.transaction():
            await start_revert(connection, file)
        asked = await asked_by(request, services.sign_in)
        described = describe_import(await find_import(request, services))
        answer = await services.door.files.one_import(asked, described)
        return Response(answer.body, 202, media_type=answer.media_type)

    async def compare(request: Request) -> Response:
        """Some rows as the file says them beside what stands today; another `seed` gives others."""
        await require_right(request, services.sign_in, RIGHT)
        file = await find_import(request, services)
        query = request.query_params
        limit = min(read_number(query.get("rows"), "rows", _SAMPLE), _MOST_SAMPLE)
        async with services.pool.acquire() as connection:
            source = await read_source(connection, file.source)
            said = await sample_rows(connection, services.keyring, file, query.get("seed", "")[:20], limit)
        asked = await asked_by(request, services.sign_in)
        body = await services.door.rows.comparison(
            asked, file.import_id,
            [(one.row, one.object_id, one.values) for one in said],
            parties=file.mapping.is_party, country=source.country or "",
        )  # fmt: skip
        return Response(body, media_type="application/json")

    one = "/api/v1/imports/{import_id}"
    return [
        Route(f"{one}/revert", revert, methods=["POST"], name="revertImport"),
        Route(f"{one}/comparison", compare, methods=["GET"], name="compareImport"),
    ]


def read_outcome(text: str | None) -> TakenOutcome | None:
    """The outcome that was asked for; None for rows that could not be taken."""
    return "stored" if text == "stored" else "unchanged" if text == "unchanged" else None


async def taken_rows(
    request: Request, services: Services, file: FileImport, outcome: TakenOutcome
) -> Response:
    """The rows of the last run that were stored, or were known already, and what they became."""
    query = request.query_params
    after = read_number(query.get("after"), "after", 0)
    limit = min(read_number(query.get("limit"), "limit", _ROWS), _MOST_ROWS)
    async with services.pool.acquire() as connection:
        rows = await list_taken_rows(connection, file.import_id, file.run, outcome, after, limit)
    following = rows[-1].row if len(rows) == limit else None
    became = [BecameRow(one.row, one.outcome, one.objects, one.taken_back) for one in rows]
    asked = await asked_by(request, services.sign_in)
    body = await services.door.rows.taken_rows(
        asked, file.import_id, became, following
    )
    return Response(body, media_type="application/json")
