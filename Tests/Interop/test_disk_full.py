"""What happens when the disk of the storage is full, and afterwards."""

import threading

import otlp
import pytest
from clients import PROTOBUF
from conftest import to_http
from disk import small_disk
from process import eventually, free_port, get
from sinks import HTTPSink

MIB = 1 << 20
TOLD = r"(?i)no space left|disk (is )?full"


@pytest.fixture
def disk(tmp_path, monkeypatch):
    with small_disk(tmp_path, 4 * MIB) as disk:
        if disk.wrapper:
            monkeypatch.setenv("APUS", str(disk.wrapper))
        yield disk


class Sender:
    """Sends numbered messages of some 20 KB and knows which were taken."""

    def __init__(self, apus):
        self.apus = apus
        self.taken, self.count = [], 0

    def send(self):
        """One message; returns the status."""
        self.count += 1
        message = otlp.sample("logs", 20, name=f"message-{self.count}-{'x' * 1000}")
        body = message.SerializeToString()
        status, headers, answer = get(
            self.apus.ports["http"], "/v1/logs", "POST", {"content-type": PROTOBUF}, body)
        if status == 200:
            self.taken.append(message)
        else:
            self.refusal = (status, dict(headers), answer)
        return status

    def until_refused(self, limit=1000):
        """The status of the first refusal."""
        for _ in range(limit):
            if (status := self.send()) != 200:
                return status
        raise AssertionError(f"{limit} messages of 20 KB fit into 4 MiB")

    def arrived(self, sink):
        """Waits until everything that was taken has arrived."""
        wanted = set(otlp.items(*self.taken))
        eventually(
            lambda: wanted <= set(sink.items("logs")),
            lambda: f"{len(wanted)} items; missing {len(wanted - set(sink.items('logs')))}", 40)


@pytest.fixture
def begin(disk, start, afterwards):  # in this order, so that the disk outlives Apus
    """Starts Apus with its queue on the small disk and a backend that is not there yet."""

    def begin(overflow, storage=None):
        port, health = free_port(), free_port()
        apus = start(
            to_http(f"http://127.0.0.1:{port}", compression="none", sending_queue={
                "storage": "file_storage", "queue_size": 100_000, "overflow": overflow}),
            extensions={
                "file_storage": {
                    "directory": str(disk.inside / "storage"), "create_directory": True, "segment_size": "256KiB",
                    **(storage or {})},
                "health_check": {"endpoint": f"127.0.0.1:{health}"},
            }, signals=["logs"])
        apus.ports["health"] = health

        def backend():
            sink = HTTPSink(port)
            afterwards.callback(sink.close)
            return sink

        return apus, backend

    return begin


def balanced_end(apus, sink, sender):
    """After everything has arrived, it works as before and ends well."""
    eventually(lambda: sender.send() == 200, "a message is taken again")
    sender.arrived(sink)
    assert apus.stop() == 0
    assert all(line["lost"] == 0 for line in apus.receipts().values()), apus.receipts()


def test_a_full_disk_refuses_and_recovers_when_the_backend_is_back(begin):
    apus, backend = begin("drop_newest")
    sender = Sender(apus)
    assert sender.until_refused() == 503
    assert len(sender.taken) > 20, "a disk of 4 MiB holds more than that"
    for _ in range(20):
        sender.send()
    assert apus.is_running
    apus.wait_for_log(TOLD)
    sink = backend()
    sender.arrived(sink)
    balanced_end(apus, sink, sender)


def test_a_full_disk_recovers_when_space_is_freed(begin, disk):
    disk.fill(leave=2 * MIB)
    apus, backend = begin("drop_newest")
    sender = Sender(apus)
    assert sender.until_refused() == 503
    before = len(sender.taken)
    disk.empty()
    eventually(lambda: sender.send() == 200, "a message is taken once there is space")
    assert sender.until_refused() == 503
    assert len(sender.taken) > before + 20
    sink = backend()
    sender.arrived(sink)
    balanced_end(apus, sink, sender)


def test_a_disk_that_is_full_at_the_start(begin, disk):
    disk.fill()
    apus, backend = begin("drop_newest")
    sender = Sender(apus)
    assert sender.until_refused() == 503
    assert sender.taken == []
    disk.empty()
    sink = backend()
    balanced_end(apus, sink, sender)


@pytest.mark.parametrize("way", ["space", "backend"])
def test_with_block_senders_wait_for_space(begin, disk, way):
    disk.fill(leave=2 * MIB)
    apus, backend = begin("block")
    sender, statuses = Sender(apus), []
    thread = threading.Thread(
        target=lambda: statuses.extend(sender.send() for _ in range(130)), daemon=True)
    thread.start()
    apus.wait_for_log(TOLD)
    assert thread.is_alive()
    assert get(apus.ports["health"])[0] in (200, 503), "the rest of it goes on"
    if way == "space":
        disk.empty()
    sink = backend() if way == "backend" else None
    thread.join(40)
    assert not thread.is_alive()
    assert set(statuses) == {200}
    sink = sink or backend()
    sender.arrived(sink)
    balanced_end(apus, sink, sender)


def test_it_can_be_seen_from_outside(begin, disk):
    disk.fill(leave=MIB)
    apus, backend = begin("drop_newest")
    sender = Sender(apus)
    sender.until_refused()
    assert apus.metric("otelcol_receiver_refused_log_records", receiver="otlp") == 20
    assert apus.metric("apus_exporter_queue_disk_write_failures", exporter="otlp_http") >= 1
    assert apus.metric("otelcol_exporter_queue_size", exporter="otlp_http") == len(sender.taken)
    assert apus.metric("apus_exporter_queue_disk_bytes", exporter="otlp_http") <= MIB
    disk.empty()
    sink = backend()
    balanced_end(apus, sink, sender)


def test_a_crash_while_the_disk_is_full_loses_nothing(begin, launch):
    apus, backend = begin("drop_newest")
    sender = Sender(apus)
    sender.until_refused()
    apus.kill()
    sender.apus = launch(apus.config, apus.ports)
    sink = backend()
    sender.arrived(sink)
    balanced_end(sender.apus, sink, sender)


def test_the_largest_size_of_a_queue_is_kept(begin, disk):
    apus, backend = begin("drop_newest", {"max_size": "1MiB"})
    sender = Sender(apus)
    assert sender.until_refused() == 503
    used = sum(path.stat().st_size for path in (disk.outside / "storage").rglob("*") if path.is_file())
    assert MIB / 2 < used <= MIB + 256 * 1024, "within a segment of the bound"
    sink = backend()
    sender.arrived(sink)
    balanced_end(apus, sink, sender)
