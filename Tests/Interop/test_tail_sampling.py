"""Tail sampling with the real program: whole traces, late spans, changes while traces wait, and the end."""

import threading
import time

import grpc
import otlp
import pytest
from clients import call, export
from conftest import configuration, to_grpc
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Status, StatusCode
from process import eventually, free_port

PREFIX = "otelcol_processor_tail_sampling"
ERRORS = {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}}
ALL = {"name": "all", "type": "always_sample"}
NEVER = "1h"


def sampler(*policies, **keys):
    return {"tail_sampling": {"decision_wait": "1s", "policies": list(policies), **keys}}


def spans(*traces, error=False):
    """A message with a span of each of these traces."""
    request = otlp.sample("traces", len(traces))
    for number, span in zip(traces, request.resource_spans[0].scope_spans[0].spans):
        span.trace_id = number.to_bytes(16, "big")
        if error:
            span.status.code = 2
    return request


def traces(sink):
    """The traces that have arrived, each as often as it has spans."""
    return sorted(
        int.from_bytes(span.trace_id, "big") for message in sink.accepted("traces")
        for resource in message.resource_spans for scope in resource.scope_spans for span in scope.spans)


def test_traces_of_the_sdk_are_kept_whole(start, grpc_sink):
    """Each span is a request of its own, and requests come in on several connections."""
    apus = start(to_grpc(grpc_sink), signals=["traces"], processors=sampler(ERRORS, record_policy=True))
    providers = []
    for service in ("front", "back"):
        provider = TracerProvider(resource=Resource.create({"service.name": service}))
        provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=apus.grpc, insecure=True)))
        providers.append(provider)
    front, back = (provider.get_tracer("test") for provider in providers)
    failed = set()
    for number in range(40):
        with front.start_as_current_span(f"request {number}") as root:
            for _ in range(3):
                with back.start_as_current_span("query") as child:
                    if number % 4 == 0:
                        child.set_status(Status(StatusCode.ERROR))
            if number % 4 == 0:
                failed.add(root.get_span_context().trace_id)
    for provider in providers:
        provider.shutdown()
    grpc_sink.wait_for_items("traces", 40)
    assert traces(grpc_sink) == sorted(list(failed) * 4)
    scopes = [scope.scope for message in grpc_sink.accepted("traces")
              for resource in message.resource_spans for scope in resource.scope_spans]
    policies = {(attribute.key, attribute.value.string_value) for scope in scopes for attribute in scope.attributes}
    assert policies == {("tailsampling.policy", "errors")}
    apus.wait_for_metric(f"{PREFIX}_global_count_traces_sampled", 30, sampled="false")
    assert apus.metric(f"{PREFIX}_count_traces_sampled", policy="errors", decision="sampled") == 10
    assert apus.metric(f"{PREFIX}_sampling_traces_on_memory") == 0
    assert apus.metric("apus_processor_removed_items_by_rule", rule="not sampled", reason="sampled_out") == 120
    assert apus.metric("apus_processor_tail_sampling_held_bytes") == 0
    # A late span follows what was decided.
    export(apus.grpc, "traces", spans(failed.pop()))
    grpc_sink.wait_for_items("traces", 41)


def test_a_change_of_the_policies_keeps_what_waits(launch, grpc_sink):
    ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}

    def config(*policies, **keys):
        return configuration(ports, to_grpc(grpc_sink), signals=["traces"], processors=sampler(*policies, **keys))

    apus = launch(config(ERRORS, decision_wait=NEVER), ports)
    for number in range(1, 21):
        export(apus.grpc, "traces", spans(number))
    assert apus.metric(f"{PREFIX}_sampling_traces_on_memory") == 20
    apus.write(config(ALL, decision_wait="2s"))
    apus.signal(1)
    # Nothing more has to come in for the successor to decide.
    grpc_sink.wait_for_items("traces", 20)
    assert traces(grpc_sink) == list(range(1, 21))
    assert apus.stop() == 0


def test_spans_go_on_while_the_policies_change_again_and_again(launch, grpc_sink):
    ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}

    def config(number):
        return configuration(
            ports, to_grpc(grpc_sink), signals=["traces"],
            processors=sampler({**ALL, "name": f"all-{number}"}, decision_wait=f"{300 + number}ms"))

    apus = launch(config(0), ports)
    sent, stopping = [], threading.Event()

    def send():
        with grpc.insecure_channel(apus.grpc) as channel:
            while not stopping.is_set():
                number = len(sent) + 1
                call(channel, "traces", spans(number, number))
                sent.append(number)

    loader = threading.Thread(target=send)
    loader.start()
    try:
        for number in range(1, 11):
            seen = len(sent)
            apus.write(config(number))
            apus.signal(1)
            eventually(lambda: len(sent) > seen + 20, "spans go on")
            time.sleep(0.1)
    finally:
        stopping.set()
        loader.join(30)
    assert apus.stop() == 0
    assert traces(grpc_sink) == sorted(2 * sent)


@pytest.mark.parametrize("keys, kept", [({}, [1, 3]), ({"drop_pending_traces_on_shutdown": True}, [])])
def test_at_the_end_everything_is_decided_or_counted(start, grpc_sink, keys, kept):
    apus = start(to_grpc(grpc_sink), signals=["traces"], processors=sampler(ERRORS, decision_wait=NEVER, **keys))
    export(apus.grpc, "traces", spans(1, 3, error=True))
    export(apus.grpc, "traces", spans(2))
    assert grpc_sink.received == []
    assert apus.stop() == 0
    assert traces(grpc_sink) == kept
    assert apus.receipts()["traces", "otlp_grpc"]["delivered"] == len(kept)


def test_who_asks_for_delivery_waits_for_the_decision(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), signals=["traces"], ack="delivered", processors=sampler(ERRORS))
    for error, arrived in ((True, [1]), (False, [1])):
        begin = time.monotonic()
        export(apus.grpc, "traces", spans(1 if error else 2, error=error))
        assert time.monotonic() - begin >= 1
        assert traces(grpc_sink) == arrived


def test_senders_are_told_to_come_back_when_there_is_no_room(start, grpc_sink):
    apus = start(
        to_grpc(grpc_sink), signals=["traces"],
        processors=sampler(ALL, num_traces=1, block_on_overflow=True, decision_wait="2s"))
    export(apus.grpc, "traces", spans(1))
    with pytest.raises(grpc.RpcError) as refused:
        export(apus.grpc, "traces", spans(2))
    assert refused.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
    grpc_sink.wait_for_items("traces", 1)
    export(apus.grpc, "traces", spans(2))
    grpc_sink.wait_for_items("traces", 2)
    assert traces(grpc_sink) == [1, 2]
