"""`sending_queue.batch`, seen from the backend and from the senders."""

import grpc
import otlp
import pytest
from clients import call
from conftest import QUICK_RETRY, to_grpc, to_http
from process import free_port
from sinks import Answer
from test_batch import NEVER, send, sizes


def queue(**batch):
    return {"sending_queue": {"batch": batch}}


@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_a_batch_goes_when_it_is_large_enough(start, grpc_sink, signal):
    apus = start(to_grpc(grpc_sink, **queue(min_size=100, flush_timeout=NEVER)))
    expected = send(apus, signal, [30, 30, 30, 30])
    assert grpc_sink.wait_for_items(signal, 120) == expected
    assert sizes(grpc_sink, signal) == [120]
    assert apus.metric("apus_exporter_batch_size_trigger_send", exporter="otlp_grpc", data_type=signal) == 1
    assert apus.metric("apus_exporter_batch_timeout_trigger_send", exporter="otlp_grpc", data_type=signal) == 0


def test_a_batch_goes_when_the_time_is_over(start, http_sink):
    apus = start(to_http(http_sink, **queue(flush_timeout="500ms")))
    expected = send(apus, "logs", [5] * 10)
    assert http_sink.wait_for_items("logs", 50) == expected
    assert len(sizes(http_sink, "logs")) < 10
    assert apus.metric("apus_exporter_batch_timeout_trigger_send", exporter="otlp_http", data_type="logs") >= 1


@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_a_batch_is_cut_at_its_largest_size(start, grpc_sink, signal):
    apus = start(to_grpc(grpc_sink, sending_queue={
        "num_consumers": 1, "batch": {"min_size": 100, "max_size": 100, "flush_timeout": NEVER}}))
    expected = send(apus, signal, [250, 150])
    assert grpc_sink.wait_for_items(signal, 400) == expected
    assert sizes(grpc_sink, signal) == [100, 100, 100, 100]


def test_bytes_can_be_what_is_counted(start, grpc_sink):
    apus = start(to_grpc(grpc_sink, **queue(sizer="bytes", min_size=10000, max_size=10000, flush_timeout="1s")))
    expected = send(apus, "traces", [100, 100, 100])
    assert grpc_sink.wait_for_items("traces", 300) == expected
    assert len(grpc_sink.received) > 1
    assert all(received.size <= 10000 for received in grpc_sink.received)


def test_what_waits_is_sent_at_the_end_and_accounted_for_until_then(start, grpc_sink, http_sink):
    """One destination joins batches, the other does not; both add up at every moment."""
    apus = start({**to_grpc(grpc_sink, **queue(flush_timeout=NEVER)), **to_http(http_sink)})
    expected = send(apus, "traces", [7, 8])
    http_sink.wait_for_items("traces", 15)
    assert grpc_sink.received == []
    where = {"pipeline": "traces", "destination": "otlp_grpc"}
    assert apus.metric("apus_delivery_items", place="batching", **where) == 15
    assert apus.metric("apus_pipeline_held_items", **where) == 0
    assert apus.metric("apus_pipeline_held_items", pipeline="traces", destination="otlp_http") == 0
    assert apus.stop() == 0
    assert grpc_sink.wait_for_items("traces", 15) == expected
    assert apus.receipts()["traces", "otlp_grpc"]["delivered"] == 15
    assert apus.receipts()["traces", "otlp_http"]["delivered"] == 15


def test_metadata_keys_keep_batches_apart(start, grpc_sink):
    apus = start(to_grpc(grpc_sink, **queue(
        min_size=10, flush_timeout=NEVER, partition={"metadata_keys": ["X-Tenant"]})), grpc={
            "include_metadata": True})
    for tenant in ("red", "blue"):
        send(apus, "logs", [6], metadata=(("x-tenant", tenant),))
    send(apus, "logs", [4])
    assert grpc_sink.received == []
    assert apus.metric("apus_exporter_batch_partitions", exporter="otlp_grpc", data_type="logs") >= 3
    assert apus.stop() == 0
    grpc_sink.wait_for_items("logs", 16)
    assert sorted(sizes(grpc_sink, "logs")) == [4, 6, 6]


def test_combinations_of_metadata_are_limited_and_senders_may_come_back(start, grpc_sink):
    apus = start(to_grpc(grpc_sink, **queue(flush_timeout=NEVER, partition={
        "metadata_keys": ["x-tenant"], "metadata_cardinality_limit": 2})), grpc={"include_metadata": True})
    codes = []
    with grpc.insecure_channel(apus.grpc) as channel:
        for tenant in ("a", "b", "c", "a", "b"):
            try:
                call(channel, "logs", otlp.sample("logs", 1), metadata=(("x-tenant", tenant),))
                codes.append(None)
            except grpc.RpcError as error:
                codes.append(error.code())
    assert codes == [None, None, grpc.StatusCode.UNAVAILABLE, None, None]


def test_a_full_queue_refuses_senders_and_keeps_what_it_has_taken(start, grpc_sink):
    grpc_sink.default = Answer(grpc.StatusCode.UNAVAILABLE)
    apus = start(to_grpc(grpc_sink, sending_queue={
        "queue_size": 1, "num_consumers": 1, "batch": {"min_size": 10, "flush_timeout": NEVER}}))
    with grpc.insecure_channel(apus.grpc) as channel:
        taken, refused = [], 0
        for number in range(5):
            message = otlp.sample("logs", 10, name=f"m{number}")
            try:
                call(channel, "logs", message)
                taken.append(message)
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.UNAVAILABLE
                refused += 1
    assert len(taken) == 2 and refused == 3
    grpc_sink.default = Answer()
    assert grpc_sink.wait_for_items("logs", 20) == otlp.items(*taken)
    assert apus.stop() == 0
    receipt = apus.receipts()["logs", "otlp_grpc"]
    assert (receipt["delivered"], receipt["dropped"], receipt["lost"]) == (20, 0, 0)


def test_what_nobody_takes_is_lost_at_the_end_and_counted(start):
    apus = start({"otlp_grpc": {
        "endpoint": f"127.0.0.1:{free_port()}", "tls": {"insecure": True}, "retry_on_failure": QUICK_RETRY,
        "sending_queue": {"queue_size": 1, "num_consumers": 1, "batch": {"min_size": 5, "flush_timeout": NEVER}},
    }}, service={"shutdown_timeout": "1s"})
    with grpc.insecure_channel(apus.grpc) as channel:
        for _ in range(2):
            call(channel, "logs", otlp.sample("logs", 5))
    apus.stop()
    assert apus.receipts()["logs", "otlp_grpc"]["lost"] == 10


@pytest.mark.parametrize("batch, message", [
    ({"min_size": 10, "max_size": 9}, "must not be less than min_size"),
    ({"partition": {"metadata_keys": ["a", "A"]}}, "names 'a' a second time"),
    ({"flush_timeout": "0s"}, "must be more than 0"),
])
def test_what_cannot_work_is_refused_at_the_start(launch, batch, message):
    config = {
        "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": f"127.0.0.1:{free_port()}"}}}},
        "exporters": {"otlp_grpc": {"endpoint": "127.0.0.1:1", **queue(**batch)}},
        "service": {"pipelines": {"logs": {"receivers": ["otlp"], "exporters": ["otlp_grpc"]}}},
    }
    with pytest.raises(AssertionError, match=message):
        launch(config)
