"""The program the worker starts for one job on weights; its arguments are the job and who claimed it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from uuid import UUID

from regard.kit.errors import RegardError
from regard.kit.logs import configure_logs
from regard.processes.settings import Settings, read_settings
from regard.processes.wiring import make_model_jobs, open_foundation


def main(arguments: Sequence[str]) -> int:
    """Do the job; 0 when it came to an end, good or bad."""
    job_id, owner = arguments
    settings = read_settings()
    configure_logs("model-job", log_format=settings.log_format, level=settings.log_level)
    if settings.database_url is None:
        raise RegardError("REGARD_DATABASE_URL is not set; the worker sets it when it starts this program")
    return asyncio.run(_do(settings, settings.database_url.get_secret_value(), UUID(job_id), owner))


async def _do(settings: Settings, url: str, job_id: UUID, owner: str) -> int:
    async with open_foundation(settings, url, "models") as foundation:
        await make_model_jobs(foundation, owner).do(job_id)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
