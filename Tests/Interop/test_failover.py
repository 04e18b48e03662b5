"""The failover connector between real servers: whom it sends to, and that nothing is lost on the way."""

import threading

import grpc
import otlp
import pytest
from clients import call, export
from conftest import to_grpc
from process import eventually
from sinks import Answer, GRPCSink

DOWN = Answer(code=grpc.StatusCode.UNAVAILABLE, message="down")
#: No queue, so that its answer is that of the pipeline.
DIRECT = {"sending_queue": {"enabled": False}, "retry_on_failure": {"enabled": False}}


@pytest.fixture
def pair(afterwards):
    sinks = GRPCSink(), GRPCSink()
    for sink in sinks:
        afterwards.callback(sink.close)
    return sinks


def options(pair, signal="logs", keys=None, **failover):
    """Two levels with a server each."""
    names = ["first", "second"]
    return {
        "exporters": {
            f"otlp_grpc/{name}": to_grpc(sink, **(DIRECT if keys is None else keys))["otlp_grpc"]
            for name, sink in zip(names, pair)},
        "connectors": {"failover": {
            "priority_levels": [[f"{signal}/{name}"] for name in names], "retry_interval": "300ms", **failover}},
        "service": {"pipelines": {
            f"{signal}/in": {"receivers": ["otlp"], "exporters": ["failover"]},
            **{
                f"{signal}/{name}": {"receivers": ["failover"], "exporters": [f"otlp_grpc/{name}"]}
                for name in names},
        }},
        "signals": [signal],
    }


def active(apus):
    return apus.metric("apus_connector_failover_active_level", connector="failover")


@pytest.mark.parametrize("signal", otlp.SIGNALS)
@pytest.mark.parametrize("ack", [None, "queued", "delivered", "durable"])
def test_a_server_that_refuses_is_left_and_comes_back(start, pair, signal, ack):
    first, second = pair
    apus = start(**options(pair, signal), ack=ack)
    sent = [otlp.sample(signal, 3, name=f"m{number}") for number in range(4)]
    export(apus.grpc, signal, sent[0])
    assert first.wait_for_items(signal, 3) == otlp.items(sent[0])
    assert active(apus) == 1
    first.default = DOWN
    export(apus.grpc, signal, sent[1])
    assert second.wait_for_items(signal, 3) == otlp.items(sent[1])
    assert active(apus) == 2
    assert apus.metric("otelcol_connector_failover_count", connector="failover", level="1") == 1
    export(apus.grpc, signal, sent[2])
    assert second.wait_for_items(signal, 6) == otlp.items(*sent[1:3])
    first.default = Answer()
    came = []

    def is_back():
        came.append(otlp.sample(signal, 1, name=f"x{len(came)}"))
        export(apus.grpc, signal, came[-1])
        return active(apus) == 1

    eventually(is_back, "the first level is back")
    export(apus.grpc, signal, sent[3])
    eventually(lambda: len(first.items(signal)) + len(second.items(signal)) == 12 + len(came), "every item")
    every = [str(item) for item in first.items(signal) + second.items(signal)]
    assert sorted(every) == sorted(str(item) for item in otlp.items(*sent, *came)), "each item once"


def test_the_client_is_told_when_nobody_takes_it(start, pair):
    for sink in pair:
        sink.default = DOWN
    apus = start(**options(pair))
    with grpc.insecure_channel(apus.grpc) as channel, pytest.raises(grpc.RpcError) as caught:
        call(channel, "logs", otlp.sample("logs", 3))
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert active(apus) == 0
    pair[1].default = Answer()
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    assert len(pair[1].wait_for_items("logs", 3)) == 3


def test_a_queue_keeps_what_nobody_takes(start, pair):
    for sink in pair:
        sink.default = DOWN
    apus = start(**options(pair, sending_queue={"queue_size": 100}))
    sent = [otlp.sample("logs", 2, name=f"q{number}") for number in range(10)]
    for message in sent:
        export(apus.grpc, "logs", message)
    assert apus.metric("otelcol_exporter_queue_size", exporter="failover", data_type="logs") > 0
    eventually(lambda: active(apus) == 0, "both levels have failed")
    pair[1].default = Answer()
    assert apus.stop() == 0
    assert sorted(map(str, pair[1].wait_for_items("logs", 20))) == sorted(map(str, otlp.items(*sent)))
    receipt = apus.receipts()
    assert receipt["logs/in", "failover"]["delivered"] == 20
    assert receipt["logs/second", "otlp_grpc/second"]["delivered"] == 20


def test_a_queue_on_disk_outlives_the_process(start, pair, tmp_path):
    settings = options(pair, sending_queue={"queue_size": 100, "storage": "file_storage"})
    settings["extensions"] = {"file_storage": {"directory": str(tmp_path / "queue"), "create_directory": True}}
    settings["service"]["shutdown_timeout"] = "1s"
    for sink in pair:
        sink.default = DOWN
    apus = start(**settings)
    sent = [otlp.sample("logs", 2, name=f"d{number}") for number in range(5)]
    for message in sent:
        export(apus.grpc, "logs", message)
    apus.stop()
    assert apus.receipts()["logs/in", "failover"]["spilled"] == 10
    pair[0].default = Answer()
    start(**settings)
    assert sorted(map(str, pair[0].wait_for_items("logs", 10))) == sorted(map(str, otlp.items(*sent)))


@pytest.mark.parametrize("keys", [DIRECT, {}])
def test_a_queue_on_disk_keeps_what_no_backend_has(start, pair, tmp_path, keys):
    """Also what has left it for the queues in memory behind it."""
    settings = options(pair, keys=keys, sending_queue={"queue_size": 100, "storage": "file_storage"})
    settings["extensions"] = {"file_storage": {"directory": str(tmp_path / "queue"), "create_directory": True}}
    for sink in pair:
        sink.default = DOWN
    apus = start(**settings)
    sent = [otlp.sample("logs", 2, name=f"k{number}") for number in range(5)]
    for message in sent:
        export(apus.grpc, "logs", message)
    eventually(lambda: pair[0].received, "an attempt")
    apus.kill()
    for sink in pair:
        sink.default = Answer()
    start(**settings)
    eventually(lambda: len(pair[0].items("logs")) + len(pair[1].items("logs")) >= 10, "every item has come")
    every = [str(item) for item in pair[0].items("logs") + pair[1].items("logs")]
    assert sorted(every) == sorted(map(str, otlp.items(*sent)))


def test_the_result_through_two_queues(start, pair):
    """With `wait_for_result` in front of the levels a client is answered when a backend has its data."""
    pair[0].default = Answer(delay=0.5)
    apus = start(**options(pair, keys={}, sending_queue={"wait_for_result": True}))
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    assert len(pair[0].accepted("logs")) == 1, "answered after the delivery, not before"


def test_acknowledged_through_the_queue(start, pair):
    """With `ack: delivered` a client is answered when a backend has its data, also through the queue."""
    pair[0].default = DOWN
    pair[1].default = Answer(delay=0.5)
    apus = start(**options(pair, sending_queue={}), ack="delivered")
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    assert len(pair[1].accepted("logs")) == 1, "answered after the delivery, not before"


def test_nothing_is_lost_while_a_server_comes_and_goes(start, pair):
    first, second = pair
    apus = start(**options(pair, keys={"sending_queue": {"wait_for_result": True}, "retry_on_failure": {
        "enabled": False}}))
    done = threading.Event()

    def toggle():
        number = 0
        while not done.wait(0.1):
            number += 1
            first.default = DOWN if number % 2 else Answer()

    worker = threading.Thread(target=toggle)
    worker.start()
    sent = [otlp.sample("logs", 4, name=f"t{number}") for number in range(100)]
    try:
        for message in sent:
            export(apus.grpc, "logs", message)
    finally:
        done.set()
        worker.join()
    eventually(
        lambda: len(first.items("logs")) + len(second.items("logs")) >= 400, "every item has come")
    every = [str(item) for item in first.items("logs") + second.items("logs")]
    assert sorted(every) == sorted(str(item) for item in otlp.items(*sent))
    assert first.accepted("logs") and second.accepted("logs")
