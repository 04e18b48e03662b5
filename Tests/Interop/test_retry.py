"""How exporters deal with backends that fail: what is tried again, when, and what is given up."""

import grpc
import otlp
import pytest
from clients import export
from conftest import QUICK_RETRY, to_grpc, to_http
from process import eventually, free_port
from sinks import Answer, GRPCSink, HTTPSink

CODE = grpc.StatusCode
RETRYABLE = [
    CODE.CANCELLED, CODE.DEADLINE_EXCEEDED, CODE.ABORTED, CODE.OUT_OF_RANGE, CODE.UNAVAILABLE, CODE.DATA_LOSS]
PERMANENT = [code for code in CODE if code not in [CODE.OK, *RETRYABLE]]


def failed(apus, exporter, number):
    apus.wait_for_metric("otelcol_exporter_send_failed_log_records", number, exporter=exporter)


@pytest.mark.parametrize("code", RETRYABLE, ids=lambda code: code.name)
def test_retryable_codes_are_tried_again(start, grpc_sink, code):
    grpc_sink.answers = [Answer(code), Answer(code)]
    apus = start(to_grpc(grpc_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    assert grpc_sink.wait_for_items("logs", 3)
    assert len(grpc_sink.received) == 3
    apus.wait_for_metric("otelcol_exporter_sent_log_records", 3, exporter="otlp_grpc")
    assert apus.metric("otelcol_exporter_send_failed_log_records") == 0


@pytest.mark.parametrize("code", PERMANENT, ids=lambda code: code.name)
def test_other_codes_are_given_up_and_counted(start, grpc_sink, code):
    """RESOURCE_EXHAUSTED is one of them as long as it comes without RetryInfo."""
    grpc_sink.answers = [Answer(code, "the reason")]
    apus = start(to_grpc(grpc_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    failed(apus, "otlp_grpc", 3)
    export(apus.grpc, "logs", otlp.sample("logs", 1, name="next"))
    grpc_sink.wait_for_items("logs", 1)
    assert len(grpc_sink.received) == 2
    apus.wait_for_log("the reason")


@pytest.mark.parametrize("code", [CODE.RESOURCE_EXHAUSTED, CODE.UNAVAILABLE], ids=lambda code: code.name)
def test_retry_info_is_the_least_wait(start, grpc_sink, code):
    grpc_sink.answers = [Answer(code, retry_after=1.2)]
    apus = start(to_grpc(grpc_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    grpc_sink.wait_for_items("logs", 3)
    first, second = grpc_sink.received
    assert second.at - first.at >= 1.15


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_retryable_statuses_are_tried_again(start, http_sink, status):
    http_sink.answers = [Answer(status), Answer(status)]
    apus = start(to_http(http_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    assert http_sink.wait_for_items("logs", 3)
    assert len(http_sink.received) == 3
    assert apus.metric("otelcol_exporter_send_failed_log_records") == 0


@pytest.mark.parametrize("status", [400, 401, 402, 404, 405, 408, 413, 414, 431, 500, 501, 505])
def test_other_statuses_are_given_up_and_counted(start, http_sink, status):
    http_sink.answers = [Answer(status, "the reason")]
    apus = start(to_http(http_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    failed(apus, "otlp_http", 3)
    assert len(http_sink.received) == 1
    apus.wait_for_log("the reason")


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_the_least_wait(start, http_sink, status):
    http_sink.answers = [Answer(status, retry_after=2)]
    apus = start(to_http(http_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    http_sink.wait_for_items("logs", 3)
    first, second = http_sink.received
    assert second.at - first.at >= 1.95


def test_a_malformed_retry_after_is_ignored(start, http_sink):
    http_sink.answers = [Answer(503, retry_after="soon")]
    apus = start(to_http(http_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    assert http_sink.wait_for_items("logs", 3)


def test_a_connection_closed_without_answer_is_tried_again(start, http_sink):
    http_sink.answers = [Answer(drop=True)]
    apus = start(to_http(http_sink))
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    assert http_sink.wait_for_items("logs", 3)


@pytest.mark.parametrize("kind", ["grpc", "http"])
@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_partial_success_is_not_tried_again(start, grpc_sink, http_sink, kind, signal):
    sink, make = (grpc_sink, to_grpc) if kind == "grpc" else (http_sink, to_http)
    sink.answers = [Answer(rejected=2, message="two are too old")]
    apus = start(make(sink))
    export(apus.grpc, signal, otlp.sample(signal, 5))
    apus.wait_for_log("two are too old")
    export(apus.grpc, signal, otlp.sample(signal, 1))
    sink.wait_for_items(signal, 6)
    assert len(sink.received) == 2


@pytest.mark.parametrize("kind", ["grpc", "http"])
def test_a_backend_that_comes_up_later_gets_everything(start, kind):
    port = free_port()
    exporter = to_grpc(f"127.0.0.1:{port}") if kind == "grpc" else to_http(f"http://127.0.0.1:{port}")
    apus = start(exporter)
    for number in range(3):
        export(apus.grpc, "traces", otlp.sample("traces", 2, name=f"n{number}"))
    apus.wait_for_log("refused|connect")
    sink = GRPCSink(port) if kind == "grpc" else HTTPSink(port)
    try:
        assert sink.wait_for_items("traces", 6)
    finally:
        sink.close()


@pytest.mark.parametrize("kind", ["grpc", "http"])
def test_a_backend_that_restarts_loses_nothing(start, kind):
    port = free_port()
    make_sink = GRPCSink if kind == "grpc" else HTTPSink
    sink = make_sink(port)
    apus = start(to_grpc(f"127.0.0.1:{port}") if kind == "grpc" else to_http(f"http://127.0.0.1:{port}"))
    export(apus.grpc, "logs", otlp.sample("logs", 2))
    sink.wait_for_items("logs", 2)
    sink.close()
    export(apus.grpc, "logs", otlp.sample("logs", 4))
    sink = make_sink(port)
    try:
        assert sink.wait_for_items("logs", 4)
    finally:
        sink.close()


def test_an_answer_that_is_too_late_is_a_failed_attempt(start, grpc_sink):
    grpc_sink.answers = [Answer(delay=3)]
    apus = start(to_grpc(grpc_sink, timeout="300ms"))
    export(apus.grpc, "logs", otlp.sample("logs", 1))
    requests = grpc_sink.wait_for_requests(2)
    assert requests[1].at - requests[0].at < 3


@pytest.mark.parametrize("retry", [{"enabled": False}, {**QUICK_RETRY, "max_elapsed_time": "400ms"}])
def test_without_retries_or_time_data_is_given_up(start, grpc_sink, retry):
    grpc_sink.default = Answer(CODE.UNAVAILABLE)
    apus = start(to_grpc(grpc_sink, retry_on_failure=retry))
    export(apus.grpc, "logs", otlp.sample("logs", 3))
    failed(apus, "otlp_grpc", 3)
    if not retry.get("enabled", True):
        assert len(grpc_sink.received) == 1


def test_a_full_queue_refuses(start, grpc_sink):
    """One request is on its way, one waits; the sender is told about the third."""
    grpc_sink.default = Answer(CODE.UNAVAILABLE, retry_after=30)
    apus = start(to_grpc(grpc_sink, sending_queue={"queue_size": 1, "num_consumers": 1}))
    codes = []
    for number in range(8):
        try:
            export(apus.grpc, "logs", otlp.sample("logs", 1, name=f"n{number}"))
        except grpc.RpcError as error:
            codes.append(error.code())
    assert codes and set(codes) <= {CODE.UNAVAILABLE, CODE.RESOURCE_EXHAUSTED}
    assert apus.metric("otelcol_exporter_enqueue_failed_log_records", exporter="otlp_grpc") == len(codes)
    assert apus.metric("otelcol_exporter_queue_capacity", exporter="otlp_grpc", data_type="logs") == 1


def test_without_a_queue_the_sender_gets_the_answer_of_the_backend(start, grpc_sink):
    grpc_sink.answers = [Answer(CODE.INVALID_ARGUMENT, "bad")]
    apus = start(to_grpc(grpc_sink, sending_queue={"enabled": False}))
    with pytest.raises(grpc.RpcError) as caught:
        export(apus.grpc, "logs", otlp.sample("logs", 1))
    assert caught.value.code() in (CODE.INVALID_ARGUMENT, CODE.INTERNAL)
    export(apus.grpc, "logs", otlp.sample("logs", 1))
    assert len(grpc_sink.accepted("logs")) == 1, "success is answered only after the backend has it"


def test_one_slow_backend_does_not_hold_up_another(start, grpc_sink, http_sink):
    http_sink.default = Answer(503, retry_after=60)
    apus = start({**to_grpc(grpc_sink), **to_http(http_sink)})
    for number in range(20):
        export(apus.grpc, "logs", otlp.sample("logs", 1, name=f"n{number}"))
    assert grpc_sink.wait_for_items("logs", 20)
    eventually(lambda: http_sink.received, "a try at the slow backend")
