"""Learning happens in a program of its own, and from the terminal too; a stop in the middle loses nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from tests.laws.back_end import BackEnd, open_back_end
from tests.laws.companies import person
from tests.patience import PATIENCE

from regard.db.pool import Pool
from regard.identity.keep_models import ModelUnknownError, shipped_model
from regard.identity.read_model_file import read_model_file
from regard.identity.write_model import write_model
from regard.kit.clock import SetClock, SystemClock
from regard.kit.ids import new_id
from regard.pipeline.run_model_jobs import ModelJobs
from regard.processes.export_models import read_kept
from regard.processes.settings import read_settings
from regard.processes.tend_model_jobs import ModelJobTender, StartJob, start_in_child
from regard.processes.train_models import TrainingFailedError, _train

PEOPLE = [
    person(source, number, number, f"{number}", full_name=f"{name} Quist", email=f"{name}@quist.example")
    for number, name in enumerate(("anna", "bert", "carla"), start=1)
    for source in ("crm", "shop")
]


@pytest.fixture
async def back_end(pool: Pool, clock: SetClock, tmp_path: Path) -> BackEnd:
    opened = await open_back_end(pool, clock, tmp_path)
    await opened.deliver(PEOPLE)
    return opened


async def ask(pool: Pool) -> UUID:
    now = SystemClock().now()
    job_id = new_id(now)
    await pool.execute(
        "INSERT INTO identity.model_job (job_id, kind, status, asked_at, asked_by)"
        " VALUES ($1, 'train', 'waiting', $2, 'steward')",
        job_id, now,
    )  # fmt: skip
    return job_id


async def job(pool: Pool, job_id: UUID) -> tuple[str, str | None, str | None]:
    row = await pool.fetchrow(
        "SELECT status, version, error FROM identity.model_job WHERE job_id = $1", job_id
    )
    return row["status"], row["version"], row["error"]


async def tend(back_end: BackEnd, start: StartJob, until: set[str], job_id: UUID) -> None:
    """The worker's part until the job has one of these states."""
    stop = asyncio.Event()
    jobs = ModelJobs(back_end.pool, back_end.keyring, SystemClock(), "this test")
    tender = asyncio.create_task(ModelJobTender(jobs, "this test", start).run(stop))
    async with asyncio.timeout(PATIENCE):
        while (await job(back_end.pool, job_id))[0] not in until:  # noqa: ASYNC110 - another program decides
            await asyncio.sleep(0.05)
    stop.set()
    await tender


async def test_a_job_is_done_in_a_program_of_its_own(
    back_end: BackEnd, database_url: str, tmp_path: Path
) -> None:
    job_id = await ask(back_end.pool)
    environment = {"REGARD_DATABASE_URL": database_url, "REGARD_HOME": str(tmp_path)}
    await tend(back_end, start_in_child(environment), {"done", "failed"}, job_id)
    status, version, error = await job(back_end.pool, job_id)
    assert (status, error) == ("done", None)
    assert (
        await back_end.pool.fetchval("SELECT how FROM identity.model WHERE version = $1", version) == "learnt"
    )


async def test_a_program_that_ends_with_an_error_is_told_as_failed(back_end: BackEnd) -> None:
    async def broken(_job_id: UUID, _owner: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec("false")

    job_id = await ask(back_end.pool)
    await tend(back_end, broken, {"done", "failed"}, job_id)
    status, version, error = await job(back_end.pool, job_id)
    assert (status, version) == ("failed", None)
    assert error is not None
    assert error.startswith("The program that did this ended with an error")


async def test_a_job_at_hand_when_the_worker_stops_waits_for_the_next_start(back_end: BackEnd) -> None:
    started: list[asyncio.subprocess.Process] = []

    async def endless(_job_id: UUID, _owner: str) -> asyncio.subprocess.Process:
        started.append(await asyncio.create_subprocess_exec("sleep", "600"))
        return started[0]

    job_id = await ask(back_end.pool)
    await tend(back_end, endless, {"running"}, job_id)
    assert started[0].returncode is not None
    assert (await job(back_end.pool, job_id))[0] == "waiting"


async def test_the_terminal_learns_too_and_the_same_records_teach_the_same(
    back_end: BackEnd, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGARD_HOME", str(tmp_path))
    settings = read_settings()
    first = await _train(settings, database_url)
    assert await _train(settings, database_url) == first
    assert await back_end.pool.fetchval("SELECT count(*) FROM identity.model WHERE version = $1", first) == 1


async def test_the_terminal_says_when_there_is_nothing_to_learn(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGARD_HOME", str(tmp_path))
    with pytest.raises(TrainingFailedError, match="no records to learn from"):
        await _train(read_settings(), database_url)


async def test_kept_weights_can_be_written_to_a_file_and_taken_elsewhere(
    back_end: BackEnd, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGARD_HOME", str(tmp_path))
    settings = read_settings()
    version = await _train(settings, database_url)
    learnt = await read_kept(settings, database_url, version)
    assert read_model_file(write_model(learnt)) == learnt
    assert (await read_kept(settings, database_url, None)).version == shipped_model().version
    with pytest.raises(ModelUnknownError):
        await read_kept(settings, database_url, "none-000000000000")
