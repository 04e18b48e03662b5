"""Queues on disk, as whoever runs Apus sees them: what survives, what is counted, what is refused at the start."""

import time

import grpc
import otlp
import pytest
import yaml
from clients import call, export
from conftest import configuration, to_grpc, to_http
from process import command, eventually, free_port
from sinks import GRPCSink, HTTPSink

QUEUE = {"storage": "file_storage"}


@pytest.fixture
def begin(start, tmp_path):
    """Starts Apus with its queues in `tmp_path / "storage"`."""

    def begin(exporters, storage=None, **options):
        for exporter in exporters.values():
            exporter["sending_queue"] = {**QUEUE, **exporter.get("sending_queue", {})}
        keys = {"directory": str(tmp_path / "storage"), "create_directory": True, **(storage or {})}
        return start(exporters, extensions={"file_storage": keys}, **options)

    return begin


def away():
    """The address of a backend that is not there."""
    return f"127.0.0.1:{free_port()}"


@pytest.mark.parametrize("signal", otlp.SIGNALS)
@pytest.mark.parametrize("sizer", ["requests", "items", "bytes"])
def test_what_waits_is_counted_exactly_after_a_crash(begin, launch, signal, sizer):
    address = away()
    apus = begin(to_grpc(address, sending_queue={"sizer": sizer, "queue_size": 10_000_000}))
    with grpc.insecure_channel(apus.grpc) as channel:
        for number in range(7):
            call(channel, signal, otlp.sample(signal, number + 1, name=f"n{number}"))
    size = apus.metric("otelcol_exporter_queue_size", data_type=signal)
    assert size == {"requests": 7, "items": 28}.get(sizer, size) and size >= 7
    apus.kill()
    again = launch(apus.config, apus.ports)
    assert again.metric("otelcol_exporter_queue_size", data_type=signal) == size
    assert again.metric("otelcol_exporter_queue_capacity", data_type=signal) == 10_000_000
    sink = GRPCSink(address=address)
    try:
        sink.wait_for_items(signal, 28)
        again.wait_for_metric("otelcol_exporter_queue_size", 0, data_type=signal)
        assert again.metric(f"otelcol_exporter_sent_{otlp.SERVICES[signal].items}") == 28
        assert again.stop() == 0
    finally:
        sink.close()


def test_the_capacity_holds_after_a_restart(begin, launch):
    apus = begin(to_grpc(away(), sending_queue={"queue_size": 5}), signals=["logs"])
    for number in range(5):
        export(apus.grpc, "logs", otlp.sample("logs", 1, name=f"n{number}"))
    apus.kill()
    again = launch(apus.config, apus.ports)
    with pytest.raises(grpc.RpcError):
        export(again.grpc, "logs", otlp.sample("logs", 1))
    assert again.metric("otelcol_exporter_queue_size") == 5


def test_data_keeps_its_order(begin, launch):
    port = free_port()
    apus = begin(to_http(f"http://127.0.0.1:{port}", sending_queue={"num_consumers": 1}), signals=["logs"])
    with grpc.insecure_channel(apus.grpc) as channel:
        for number in range(50):
            call(channel, "logs", otlp.sample("logs", 1, name=f"n{number:02}"))
    apus.kill()
    sink = HTTPSink(port)
    try:
        again = launch(apus.config, apus.ports)
        sink.wait_for_items("logs", 50)
        names = [
            message.resource_logs[0].scope_logs[0].log_records[0].body.string_value
            for message in sink.accepted("logs")]
        assert names == sorted(names)
        assert again.stop() == 0
    finally:
        sink.close()


def test_an_orderly_stop_leaves_the_rest_for_the_next_start(begin, launch):
    address = away()
    apus = begin(to_grpc(address), signals=["logs"], service={
        "shutdown_timeout": "500ms", "pipelines": {"logs": {"receivers": ["otlp"], "exporters": ["otlp_grpc"]}}})
    for number in range(3):
        export(apus.grpc, "logs", otlp.sample("logs", 3, name=f"n{number}"))
    assert apus.stop() == 0
    receipt = apus.receipts()["logs", "otlp_grpc"]
    assert (receipt["delivered"], receipt["spilled"], receipt["lost"]) == (0, 9, 0)
    sink = GRPCSink(address=address)
    try:
        again = launch(apus.config, apus.ports)
        sink.wait_for_items("logs", 9)
        assert again.stop() == 0
        assert total(again, "delivered") == 9
    finally:
        sink.close()


def total(apus, *columns):
    """The sum of these columns of the receipt, or of all, in all lines; data of an earlier life has its own line."""
    return sum(
        value for line in apus.receipts().values() for column, value in line.items() if column in (columns or line))


def test_every_exporter_and_signal_has_its_own_files(begin, tmp_path):
    address = away()
    exporter = to_grpc(address)["otlp_grpc"]
    apus = begin({"otlp_grpc/a": dict(exporter), "otlp_grpc/b": dict(exporter)})
    for signal in otlp.SIGNALS:
        export(apus.grpc, signal, otlp.sample(signal, 1))
    apus.kill()
    found = {
        str(path.relative_to(tmp_path / "storage").parent) for path in (tmp_path / "storage").rglob("*.segment")}
    assert found == {f"otlp_grpc%2F{name}/{signal}/queue" for name in "ab" for signal in otlp.SIGNALS}


def test_too_old_data_is_given_up_and_counted(begin, launch, grpc_sink):
    apus = begin(to_grpc(away()), {"max_age": "1s"}, signals=["logs"])
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    apus.kill()
    time.sleep(1.2)
    config = {**apus.config, "exporters": {"otlp_grpc": {
        **apus.config["exporters"]["otlp_grpc"], "endpoint": grpc_sink.address}}}
    again = launch(config, apus.ports)
    export(again.grpc, "logs", otlp.sample("logs", 1, name="fresh"))
    grpc_sink.wait_for_items("logs", 1)
    again.wait_for_metric("otelcol_exporter_queue_size", 0)
    assert again.stop() == 0
    assert total(again, "delivered") == 1
    assert total(again) == 4, "whatever left is in the receipt"


def test_a_directory_belongs_to_one_process(begin, launch):
    first = begin(to_grpc(away()), {"timeout": "100ms"})
    ports = {name: free_port() for name in first.ports}
    config = yaml.safe_load(first.file.read_text().replace(str(first.ports["metrics"]), str(ports["metrics"])))
    config["receivers"] = configuration(ports, {})["receivers"]
    with pytest.raises(AssertionError, match="(?s)storage.*(another|locked|process)"):
        launch(config, ports)
    assert first.is_running


def test_checking_a_configuration_touches_nothing(begin, tmp_path):
    apus = begin(to_grpc(away()))
    command("validate", "--config", apus.file, check=0)
    other = yaml.safe_load(apus.file.read_text().replace(str(tmp_path / "storage"), str(tmp_path / "other")))
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(other))
    command("validate", "--config", tmp_path / "other.yaml", check=0)
    assert not (tmp_path / "other").exists()


WRONG = {
    "the directory is missing": ({"create_directory": False}, {}, "director"),
    "compaction": ({"compaction": {"on_start": True}}, {}, "compaction"),
    "fsync": ({"fsync": "sometimes"}, {}, "fsync"),
    "another extension": ({}, {"storage": "file_storage/other"}, "file_storage/other"),
    "not in use": ({}, {"storage": "health_check"}, "health_check"),
    "wait for the result": ({}, {"wait_for_result": True}, "wait_for_result"),
}


@pytest.mark.parametrize("storage, queue, word", WRONG.values(), ids=WRONG)
def test_what_cannot_work_is_an_error_at_the_start(begin, storage, queue, word):
    with pytest.raises(AssertionError, match=f"(?s)instead of starting.*{word}"):
        begin(to_grpc(away(), sending_queue=queue), storage)


@pytest.mark.parametrize("fsync", [True, False, "always", "interval", "never"])
def test_every_way_to_bring_it_to_the_disk(begin, grpc_sink, fsync):
    apus = begin(to_grpc(grpc_sink), {"fsync": fsync, "fsync_interval": "50ms"})
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    grpc_sink.wait_for_items("logs", 3)
    eventually(lambda: apus.metric("otelcol_exporter_queue_size") == 0, "an empty queue")
    assert apus.stop() == 0
