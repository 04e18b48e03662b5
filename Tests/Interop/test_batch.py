"""The batch processor, seen from the backend: how many items come in which message, and when."""

import grpc
import otlp
import pytest
from clients import call, export
from conftest import to_grpc

NEVER = "1h"


def sizes(sink, signal):
    return [otlp.count(message) for message in sink.accepted(signal)]


def send(apus, signal, counts, metadata=None):
    """One message for each of `counts`, all on one connection: batches are formed per event loop."""
    sent = []
    with grpc.insecure_channel(apus.grpc) as channel:
        for number, count in enumerate(counts):
            sent.append(otlp.sample(signal, count, name=f"m{number}"))
            call(channel, signal, sent[-1], metadata=metadata)
    return otlp.items(*sent)


@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_a_batch_goes_when_it_is_large_enough(start, grpc_sink, signal):
    apus = start(to_grpc(grpc_sink), processors={"batch": {"send_batch_size": 100, "timeout": NEVER}})
    expected = send(apus, signal, [30, 30, 30, 30])
    assert grpc_sink.wait_for_items(signal, 120) == expected
    assert sizes(grpc_sink, signal) == [120]
    assert apus.metric("otelcol_processor_batch_batch_size_trigger_send", processor="batch") == 1
    assert apus.metric("otelcol_processor_batch_timeout_trigger_send", processor="batch") == 0


@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_a_batch_goes_when_the_time_is_over(start, grpc_sink, signal):
    apus = start(to_grpc(grpc_sink), processors={"batch": {"send_batch_size": 10000, "timeout": "500ms"}})
    expected = send(apus, signal, [5] * 10)
    assert grpc_sink.wait_for_items(signal, 50) == expected
    assert len(sizes(grpc_sink, signal)) < 10
    assert apus.metric("otelcol_processor_batch_timeout_trigger_send", processor="batch") >= 1


@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_a_batch_is_cut_at_its_largest_size(start, grpc_sink, signal):
    apus = start(to_grpc(grpc_sink, sending_queue={"num_consumers": 1}), processors={
        "batch": {"send_batch_size": 100, "send_batch_max_size": 100, "timeout": NEVER}})
    expected = send(apus, signal, [250, 150])
    assert grpc_sink.wait_for_items(signal, 400) == expected
    assert sizes(grpc_sink, signal) == [100, 100, 100, 100]
    resources = [message for message in grpc_sink.accepted(signal)]
    assert all("interop" in str(message) for message in resources), "every part has its resource and scope"


def test_without_time_only_the_largest_size_counts(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), processors={
        "batch": {"send_batch_size": 0, "send_batch_max_size": 10, "timeout": "0s"}})
    send(apus, "logs", [25, 3])
    grpc_sink.wait_for_items("logs", 28)
    assert sorted(sizes(grpc_sink, "logs")) == [3, 5, 10, 10]


def test_everything_is_sent_at_the_end(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), processors={"batch": {"send_batch_size": 1000, "timeout": NEVER}})
    expected = send(apus, "traces", [7, 8])
    assert grpc_sink.received == []
    assert apus.stop() == 0
    assert grpc_sink.wait_for_items("traces", 15) == expected
    assert apus.receipts()["traces", "otlp_grpc"]["delivered"] == 15


def test_metadata_keys_keep_batches_apart(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), grpc={"include_metadata": True}, processors={
        "batch": {"send_batch_size": 10, "timeout": NEVER, "metadata_keys": ["X-Tenant"]}})
    for tenant in ("red", "blue"):
        send(apus, "logs", [6], metadata=(("x-tenant", tenant),))
    send(apus, "logs", [4])
    assert grpc_sink.received == []
    assert apus.metric("otelcol_processor_batch_metadata_cardinality", processor="batch") >= 3
    assert apus.stop() == 0
    grpc_sink.wait_for_items("logs", 16)
    assert sorted(sizes(grpc_sink, "logs")) == [4, 6, 6]


def test_combinations_of_metadata_are_limited(start):
    apus = start({"nop": {}}, grpc={"include_metadata": True}, processors={"batch": {
        "timeout": NEVER, "metadata_keys": ["x-tenant"], "metadata_cardinality_limit": 2}})
    codes = []
    with grpc.insecure_channel(apus.grpc) as channel:
        for tenant in ("a", "b", "c", "a", "b"):
            try:
                call(channel, "logs", otlp.sample("logs", 1), metadata=(("x-tenant", tenant),))
                codes.append(None)
            except grpc.RpcError as error:
                codes.append(error.code())
    assert [code is None for code in codes] == [True, True, False, True, True]


def test_two_batch_processors_in_a_row(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), processors={
        "batch/small": {"send_batch_size": 10, "timeout": NEVER},
        "batch/large": {"send_batch_size": 40, "timeout": NEVER}})
    send(apus, "logs", [10] * 4)
    grpc_sink.wait_for_items("logs", 40)
    assert sizes(grpc_sink, "logs") == [40]


def test_messages_of_many_senders_are_merged(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), processors={"batch": {"send_batch_size": 10000, "timeout": "300ms"}})
    sent = [otlp.sample("traces", 2, resource={"service.name": f"s{number}"}) for number in range(30)]
    for message in sent:
        export(apus.grpc, "traces", message)
    assert grpc_sink.wait_for_items("traces", 60) == otlp.items(*sent)
