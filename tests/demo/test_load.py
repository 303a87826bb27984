"""The loader of the demo company, against a stand-in server that writes down what it is sent."""

import io
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from demo.call_api import ApiClient, ApiError
from demo.generate import Plan, generate
from demo.import_tables import TABLES
from demo.load_company import SOURCES, count_rows, load_company, set_up_sources
from demo.run_server import ServerFailedError, check_port
from demo.show_progress import Progress
from demo.trickle_events import Trickle

from regard.connectors.files.describe_mapping import FileMapping
from regard.connectors.interactions_api import translate_interaction
from regard.connectors.name_origin import Origin
from regard.connectors.records_api import translate_record
from regard.connectors.segment_events import translate_call

NOW = 1_795_000_000


class StandIn(BaseHTTPRequestHandler):
    """Answers as the interface promises and remembers (path, body, headers)."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(200, {"id": "1", "status": "done", "rows_read": 3, "account": {"read": 3, "stored": 3}})

    def do_PUT(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        seen = self.server.seen
        seen.append((self.path, raw, dict(self.headers)))
        if self.server.busy > 0:
            self.server.busy -= 1
            self.answer(503, {"detail": "later"}, ("Retry-After", "0"))
        elif self.path in self.server.refused:
            self.answer(422, {"title": "Unusable", "detail": "the stream needs a name"})
        elif self.path.endswith("/keys"):
            self.answer(200, {"key": f"key-of-{self.path.split('/')[4]}"})
        elif self.path.startswith("/api/v1/imports"):
            self.answer(200, {"id": "1", "status": "running"})
        else:
            self.answer(200, self.account(raw))

    def account(self, raw: bytes) -> dict:
        body = json.loads(raw)
        items = body.get("records", body.get("interactions", [body])) if isinstance(body, dict) else body
        return {"sent": len(items), "accepted": len(items), "duplicate": 0, "rejected": 0, "rejections": []}

    def answer(self, status: int, body: dict, *headers: tuple[str, str]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    stand_in = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    stand_in.seen, stand_in.busy, stand_in.refused = [], 0, set()
    thread = threading.Thread(target=stand_in.serve_forever, args=(0.02,))
    thread.start()
    yield stand_in
    stand_in.shutdown()
    thread.join()
    stand_in.server_close()


def client_of(server: ThreadingHTTPServer, key: str = "") -> ApiClient:
    return ApiClient("127.0.0.1", server.server_address[1], key)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("company")
    manifest = generate(Plan(customers=120, seed=2, profile="hostile", years=2.0, now=NOW), folder)
    return SimpleNamespace(folder=folder, manifest=manifest)


def test_every_row_of_the_files_is_sent_through_a_front_door(server, company):
    clients = {source.slug: client_of(server, f"key-{source.slug}") for source in SOURCES}
    progress = Progress(count_rows(company.manifest), io.StringIO())
    accounts = load_company(company.folder, client_of(server), clients, progress)
    counts = company.manifest["counts"]
    for source in ("shop", "helpdesk", "billing", "marketing", "calls"):
        expected = counts[f"{source}/records.jsonl"] + counts[f"{source}/interactions.jsonl"]
        assert accounts[source].sent == accounts[source].accepted == expected
    sent_pages = [json.loads(raw) for path, raw, _ in server.seen if path == "/v1/batch"]
    assert len(sent_pages) == counts["web/batches.jsonl"]
    assert all(
        datetime.fromisoformat(batch["sentAt"]) > datetime(2026, 1, 1, tzinfo=UTC) for batch in sent_pages
    )
    uploads = [raw for path, raw, _ in server.seen if path.startswith("/api/v1/imports?source=crm")]
    assert uploads == [
        (company.folder / "crm" / name).read_bytes() for name in ("accounts.csv", "contacts.csv")
    ]


def test_each_source_is_sent_with_its_own_key(server, company):
    clients = {source.slug: client_of(server, f"key-{source.slug}") for source in SOURCES}
    load_company(company.folder, client_of(server), clients, Progress(1, io.StringIO()))
    for path, _, headers in server.seen:
        if path.startswith("/api/v1/sources/"):
            assert headers["Authorization"] == f"Bearer key-{path.split('/')[4]}"


def test_the_doors_of_regard_accept_every_generated_line(company):
    for path in sorted(company.folder.glob("*/*.jsonl")):
        origin = Origin(source=path.parent.name, received_at=datetime.fromtimestamp(NOW, UTC))
        for line in path.read_text(encoding="utf-8").splitlines():
            body = json.loads(line)
            for item in body.get("batch", [body]):
                translate = translate_interaction if path.name == "interactions.jsonl" else translate_record
                assert (translate_call if "batch" in body else translate)(item, origin)


@pytest.mark.parametrize(("name", "mapping"), TABLES)
def test_the_mapping_of_each_table_names_its_columns_in_words_the_import_knows(company, name, mapping):
    with (company.folder / "crm" / name).open(encoding="utf-8-sig") as file:
        columns = file.readline().strip().split(";")
    parsed = msgspec.convert(mapping, FileMapping)
    assert list(parsed.columns) == columns
    assert {*parsed.reading, *parsed.id, parsed.updated_at} <= set(columns)


def test_a_busy_server_is_asked_again_until_it_takes_the_rows(server):
    server.busy = 3
    answer = client_of(server, "k").post("/sources/shop/records", {"records": [{}, {}]})
    assert answer["accepted"] == 2
    assert len(server.seen) == 4


def test_a_refusal_is_told_in_the_words_of_the_server(server):
    server.refused.add("/api/v1/sources")
    with pytest.raises(ApiError, match="the stream needs a name") as caught:
        client_of(server).post("/sources", {})
    assert caught.value.status == 422


def test_keys_are_made_once_and_kept_from_other_users_of_the_machine(server, tmp_path):
    path = tmp_path / "keys.json"
    first = set_up_sources(client_of(server), path)
    asked = len(server.seen)
    assert set_up_sources(client_of(server), path) == first
    assert len(server.seen) == asked
    assert path.stat().st_mode & 0o077 == 0


def test_a_taken_port_is_named_with_a_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerFailedError, match=f"Port {port} is taken.*REGARD_PORT={port + 1}"):
            check_port("127.0.0.1", port)


def test_the_progress_line_tells_rows_rate_and_what_is_left():
    progress = Progress(1000, io.StringIO())
    progress.add(250, "shop records")
    line = progress.line("shop records", 5.0)
    assert line == " 25 %  250 of 1,000 rows  50 rows/s  15 s left  shop records"


class Recorder:
    """Stands for an `ApiClient` and translates what it is sent as the server would."""

    def __init__(self, source: str) -> None:
        self.origin = Origin(source=source, received_at=datetime.now(UTC))
        self.events = []

    def post(self, path: str, body: dict) -> dict:
        assert path == f"/sources/{self.origin.source}/interactions"
        self.events += translate_interaction(body, self.origin)
        return {}

    def post_batch(self, body: dict) -> dict:
        for item in body["batch"]:
            self.events += translate_call(item, self.origin)
        return {}


def test_live_events_are_accepted_and_about_customers_that_exist(company):
    recorders = {source.slug: Recorder(source.slug) for source in SOURCES}
    cast = json.loads((company.folder / "live_cast.json").read_text(encoding="utf-8"))
    trickle = Trickle(recorders, cast)
    for _ in range(400):
        trickle.act()
    assert trickle.sent >= 400
    known = set()
    for path in Path(company.folder).glob("*/records.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            body = json.loads(line)
            known.add((path.parent.name, body["stream"], body["id"]))
    for slug in ("shop", "helpdesk", "billing", "marketing"):
        parties = {
            (event.source, event.subject.stream, event.subject.external_id)
            for event in recorders[slug].events
        }
        assert parties
        assert parties <= known


def test_the_page_of_anne_moves_soon_after_the_start(company):
    recorders = {source.slug: Recorder(source.slug) for source in SOURCES}
    cast = json.loads((company.folder / "live_cast.json").read_text(encoding="utf-8"))
    trickle = Trickle(recorders, cast)
    for _ in range(120):
        trickle.act()
    assert "690001" in {event.subject.external_id for event in recorders["helpdesk"].events}
    assert "cus_story200031" in {event.subject.external_id for event in recorders["billing"].events}


def test_a_live_order_goes_from_placed_to_delivered(company):
    recorders = {source.slug: Recorder(source.slug) for source in SOURCES}
    cast = json.loads((company.folder / "live_cast.json").read_text(encoding="utf-8"))
    trickle = Trickle(recorders, cast)
    for _ in range(1500):
        trickle.act()
    states: dict[str, list[str]] = {}
    for event in recorders["shop"].events:
        if event.body.interaction == "order":
            states.setdefault(event.body.external_id, []).append(event.body.status)
    finished = [steps for steps in states.values() if steps[-1] == "delivered"]
    assert finished
    assert all(steps == ["placed", "paid", "shipped", "delivered"] for steps in finished)
