"""What a backend rejects for good is kept, can be looked at, and can be sent again."""

import json
import time
from datetime import datetime

import otlp
import pytest
from clients import export
from conftest import to_http
from process import command, eventually
from sinks import Answer


@pytest.fixture
def begin(start, tmp_path):
    """Starts Apus with dead letters in a storage; returns it and the directory."""

    def begin(exporters, **options):
        directory = tmp_path / "storage"
        for exporter in exporters.values():
            exporter.setdefault("on_permanent_error", "dead_letter")
            exporter.setdefault("sending_queue", {"storage": "file_storage"})
        return start(
            exporters, extensions={"file_storage": {"directory": str(directory), "create_directory": True}},
            **{"ack": "queued", **options}), directory

    return begin


def letters(directory, *arguments):
    """What `apus dead-letter list` says."""
    return json.loads(command("dead-letter", "list", directory, "--json", *arguments, check=0).stdout)


def rejected(apus, number, exporter="otlp_http"):
    """Waits until so many items have been rejected."""
    apus.wait_for_metric("otelcol_exporter_send_failed_log_records", number, exporter=exporter)


def test_what_was_rejected_is_listed_with_its_story(begin, http_sink):
    http_sink.answers = [Answer(503), Answer(400, "the reason")]
    apus, directory = begin(to_http(http_sink))
    earliest = time.time() - 1
    export(apus.grpc, "logs", otlp.sample("logs", 5))
    rejected(apus, 5)
    assert apus.stop() == 0
    letter, = letters(directory)
    assert letter["exporter"] == "otlp_http"
    assert letter["signal"] == "logs"
    assert letter["items"] == 5
    assert letter["attempts"] == 2
    assert "the reason" in letter["reason"] and "400" in letter["reason"]
    assert earliest <= datetime.fromisoformat(letter["time"]).timestamp() <= time.time() + 1


def test_the_list_can_be_read_by_people(begin, http_sink):
    http_sink.answers = [Answer(400, "the reason")]
    apus, directory = begin(to_http(http_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 5))
    rejected(apus, 5)
    apus.stop()
    text = command("dead-letter", "list", directory, check=0).stdout
    assert letters(directory)[0]["id"] in text
    assert "the reason" in text


def test_the_list_can_be_read_while_apus_runs(begin, http_sink):
    http_sink.default = Answer(400)
    apus, directory = begin(to_http(http_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 5))
    rejected(apus, 5)
    assert eventually(lambda: letters(directory), "a letter")[0]["items"] == 5


def test_show_prints_the_data(begin, http_sink):
    http_sink.answers = [Answer(400, "the reason")]
    apus, directory = begin(to_http(http_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 2, name="needle"))
    rejected(apus, 2)
    apus.stop()
    text = command("dead-letter", "show", directory, letters(directory)[0]["id"], check=0).stdout
    assert "needle-0" in text and "needle-1" in text
    assert "the reason" in text


def test_letters_can_be_removed(begin, http_sink):
    http_sink.default = Answer(400)
    apus, directory = begin(to_http(http_sink))
    for number in range(2):
        export(apus.grpc, "logs", otlp.sample("logs", number + 1, name=f"n{number}"))
    rejected(apus, 3)
    apus.stop()
    first, second = letters(directory)
    command("dead-letter", "remove", directory, first["id"], check=0)
    assert [letter["id"] for letter in letters(directory)] == [second["id"]]


def test_the_receipt_counts_them(begin, http_sink):
    http_sink.default = Answer(400)
    apus, _ = begin(to_http(http_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 5))
    rejected(apus, 5)
    apus.stop()
    receipt = apus.receipts()["logs", "otlp_http"]
    assert receipt["dead-lettered"] == 5
    assert receipt["lost"] == 0


def test_they_are_bounded(begin, http_sink):
    http_sink.default = Answer(400)
    apus, directory = begin(to_http(http_sink, dead_letters={"max_size": "1MiB"}))
    for number in range(60):
        export(apus.grpc, "logs", otlp.sample("logs", 40, name=f"n{number}-{'x' * 1000}"))
    rejected(apus, 2400)
    apus.stop()
    size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file() and "dead-letters" in str(path))
    assert 0 < size <= 1 << 20
    assert 0 < len(letters(directory)) < 60


def test_a_crash_does_not_lose_them(begin, launch, http_sink):
    http_sink.answers = [Answer(400)]
    apus, directory = begin(to_http(http_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 5))
    rejected(apus, 5)
    eventually(lambda: letters(directory), "a letter")
    apus.kill()
    assert sum(letter["items"] for letter in letters(directory)) == 5
    again = launch(apus.config, apus.ports)
    assert again.stop() == 0
    assert sum(letter["items"] for letter in letters(directory)) == 5
