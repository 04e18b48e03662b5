"""What a backend rejects for good is kept, can be looked at, and can be sent again."""

import json
import subprocess
import time
from datetime import datetime
from signal import SIGINT

import otlp
import pytest
from clients import export
from conftest import to_grpc, to_http
from process import command, eventually, program
from sinks import Answer

import grpc


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
            **options), directory

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


def replay(apus, *arguments, check=None):
    """Runs `apus dead-letter replay` with the configuration of `apus`; its exit code and its lines."""
    done = command("dead-letter", "replay", "--config", apus.file, *arguments)
    assert check in (None, done.returncode), f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.returncode, (done.stdout + done.stderr).splitlines()


def rejected_logs(begin, sink, *sizes, **keys):
    """Apus after the backend has rejected a batch of each of these sizes; it is stopped."""
    sink.answers = [Answer(400, "the reason")] * len(sizes)
    apus, directory = begin(to_http(sink, **keys))
    for number, size in enumerate(sizes):
        export(apus.grpc, "logs", otlp.sample("logs", size, name=f"n{number}"))
        rejected(apus, sum(sizes[:number + 1]))
    assert apus.stop() == 0
    sink.received.clear()
    return apus, directory


@pytest.mark.parametrize("signal", otlp.SIGNALS)
@pytest.mark.parametrize("kind", ["grpc", "http"])
def test_replay_sends_them_to_the_same_exporter(begin, grpc_sink, http_sink, kind, signal):
    sink, make = (grpc_sink, to_grpc) if kind == "grpc" else (http_sink, to_http)
    sink.answers = [Answer(grpc.StatusCode.INVALID_ARGUMENT if kind == "grpc" else 400)] * 3
    apus, directory = begin(make(sink, headers={"authorization": "secret"}), signals=[signal])
    sent = [otlp.sample(signal, 5, name=f"n{number}") for number in range(4)]
    for message in sent:
        export(apus.grpc, signal, message)
    sink.wait_for_requests(4)
    assert apus.stop() == 0
    assert len(letters(directory)) == 3
    _, lines = replay(apus, check=0)
    assert lines[-1] == "delivered 3 of 3 dead letters with 15 items"
    assert sink.wait_for_items(signal, 20) == otlp.items(*sent)
    assert sink.received[-1].headers["authorization"] == "secret"
    assert letters(directory) == []


def test_replay_of_some(begin, http_sink):
    apus, directory = rejected_logs(begin, http_sink, 1, 2, 3)
    chosen = next(letter for letter in letters(directory) if letter["items"] == 2)
    replay(apus, chosen["id"], check=0)
    assert len(http_sink.wait_for_items("logs", 2)) == 2
    assert [letter["items"] for letter in letters(directory)] == [1, 3]
    replay(apus, "--exporter", "otlp_http", check=0)
    assert len(http_sink.wait_for_items("logs", 6)) == 6
    assert letters(directory) == []


def test_what_is_rejected_again_stays(begin, http_sink):
    apus, directory = rejected_logs(begin, http_sink, 1, 2)
    before = letters(directory)
    http_sink.answers = [Answer(400, "still bad")]
    _, lines = replay(apus, check=1)
    assert lines[0].startswith(f"refused      {before[0]['id']}") and "still bad" in lines[0]
    assert lines[1].startswith(f"delivered    {before[1]['id']}")
    assert letters(directory) == before[:1]


def test_what_the_backend_cannot_take_now_is_tried_again(begin, http_sink):
    apus, directory = rejected_logs(begin, http_sink, 5)
    http_sink.answers = [Answer(503), Answer(429, retry_after="0")]
    replay(apus, check=0)
    assert len(http_sink.wait_for_items("logs", 5)) == 5
    assert letters(directory) == []


def test_a_backend_that_is_away_is_given_up(begin, http_sink):
    apus, directory = rejected_logs(begin, http_sink, 1, 2)
    http_sink.default = Answer(503)
    _, lines = replay(apus, check=1)
    assert len(http_sink.received) == 3
    assert [line.split("  ")[0] for line in lines[:2]] == ["not reached"] * 2
    assert [letter["items"] for letter in letters(directory)] == [1, 2]
    http_sink.default = Answer()
    replay(apus, check=0)
    assert letters(directory) == []


def test_what_the_backend_takes_in_part_is_told(begin, http_sink):
    apus, directory = rejected_logs(begin, http_sink, 5)
    http_sink.answers = [Answer(message="two are too old", rejected=2)]
    _, lines = replay(apus, check=1)
    assert "rejected 2" in lines[0] and "two are too old" in lines[0]
    assert letters(directory) == []


def test_replay_does_nothing_while_apus_runs(begin, http_sink):
    http_sink.answers = [Answer(400)]
    apus, directory = begin(to_http(http_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 5))
    rejected(apus, 5)
    _, lines = replay(apus, check=1)
    assert f"process {apus.process.pid}" in lines[0]
    assert len(http_sink.received) == 1
    assert len(letters(directory)) == 1


def test_letters_of_an_exporter_that_is_gone_stay(begin, http_sink):
    apus, directory = rejected_logs(begin, http_sink, 5)
    renamed = {**apus.config, "exporters": {"otlp_http/new": apus.config["exporters"]["otlp_http"]}}
    for pipeline in renamed["service"]["pipelines"].values():
        pipeline["exporters"] = ["otlp_http/new"]
    apus.write(renamed)
    _, lines = replay(apus, check=1)
    assert lines[0].startswith("not reached") and "no exporter 'otlp_http'" in lines[0]
    assert len(letters(directory)) == 1


@pytest.mark.parametrize("signals", [1, 2])
def test_a_signal_ends_a_replay_between_letters(begin, http_sink, signals):
    apus, directory = rejected_logs(begin, http_sink, *range(1, 7))
    http_sink.answers = [Answer(), Answer(delay=4)]
    process = subprocess.Popen(
        [program(), "dead-letter", "replay", "--config", apus.file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    http_sink.wait_for_requests(2)
    process.send_signal(SIGINT)
    if signals > 1:
        assert any(b"second signal" in line for line in process.stdout)
        process.send_signal(SIGINT)
    process.stdout.read()
    # At once means that nobody learns whether the backend took what was under way.
    assert process.wait(20) == (130 if signals > 1 else 1)
    assert [letter["items"] for letter in letters(directory)] == list(range(2 if signals > 1 else 3, 7))
