"""What a client is told, and when: `ack: queued | durable | delivered`."""

import time

import grpc
import otlp
import pytest
from clients import JSON, PROTOBUF, details, export, failure, unpack
from conftest import to_grpc, to_http
from google.rpc import error_details_pb2, status_pb2
from process import eventually, free_port, get
from sinks import Answer

CODE = grpc.StatusCode
RETRYABLE = {429, 502, 503, 504}
RETRYABLE_CODES = {
    CODE.CANCELLED, CODE.DEADLINE_EXCEEDED, CODE.ABORTED, CODE.OUT_OF_RANGE, CODE.UNAVAILABLE, CODE.DATA_LOSS}
NO_RETRY = {"enabled": False}

#: What may stand between the client and the backend: processors, and keys of the queue.
STEPS = {
    "nothing between": ({}, {}),
    "batch": ({"batch": {"timeout": "50ms"}}, {}),
    "batch in the queue": ({}, {"batch": {"flush_timeout": "50ms", "min_size": 100}}),
    "two batches": ({"batch/1": {"timeout": "20ms"}, "batch/2": {"timeout": "50ms"}}, {}),
}


def post(apus, message, signal="logs"):
    """Sends with HTTP: status, headers, and what the answer says."""
    service = otlp.SERVICES[signal]
    status, headers, body = get(
        apus.ports["http"], service.path, "POST", {"content-type": PROTOBUF}, message.SerializeToString())
    kind = service.response if status == 200 else status_pb2.Status
    return status, headers, kind.FromString(body)


def send(apus, protocol, message, signal="logs"):
    """Sends with either protocol; fails when it is not taken."""
    if protocol == "grpc":
        return otlp.SERVICES[signal].response.FromString(export(apus.grpc, signal, message))
    status, _, answer = post(apus, message, signal)
    assert status == 200, (status, answer)
    return answer


class Calls:
    """Calls that may have to wait, side by side on one connection (batches are formed per connection)."""

    def __init__(self, apus):
        self.channel = grpc.insecure_channel(apus.grpc)
        self.calls = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def begin(self, count, name):
        rpc = self.channel.unary_unary(otlp.SERVICES["logs"].method, lambda raw: raw, lambda raw: raw)
        message = otlp.sample("logs", count, name=name)
        self.calls.append((rpc.future(message.SerializeToString(), timeout=30, wait_for_ready=True), count))

    def errors(self):
        """The code of each call that failed."""
        return [call.exception().code() for call, _ in self.calls if call.exception() is not None]

    def rejected(self):
        """How many items the clients have been told are lost, so that they do not send them again."""
        told = 0
        for call, count in self.calls:
            error = call.exception()
            if error is None:
                answer = otlp.SERVICES["logs"].response.FromString(call.result())
                told += answer.partial_success.rejected_log_records
            else:
                assert error.code() not in RETRYABLE_CODES, "what was rejected for good must not come again"
                told += count
        return told


CASES = [("logs", steps, protocol) for steps in STEPS for protocol in ("grpc", "http")]


@pytest.mark.parametrize(
    "signal, steps, protocol", [*CASES, ("traces", "batch", "grpc"), ("metrics", "batch in the queue", "http")])
def test_the_answer_comes_after_that_of_the_backend(start, grpc_sink, signal, steps, protocol):
    processors, queue = STEPS[steps]
    grpc_sink.default = Answer(delay=0.3)
    apus = start(to_grpc(grpc_sink, sending_queue=queue), processors=processors, ack="delivered")
    begin = time.monotonic()
    answer = send(apus, protocol, otlp.sample(signal, 5), signal)
    assert time.monotonic() - begin >= 0.3
    assert len(grpc_sink.items(signal)) == 5
    assert answer == type(answer)(), "full success is an empty message"


@pytest.mark.parametrize("steps", STEPS)
def test_the_answer_comes_after_those_of_all_backends(start, grpc_sink, http_sink, steps):
    processors, queue = STEPS[steps]
    grpc_sink.default, http_sink.default = Answer(delay=0.1), Answer(delay=0.5)
    apus = start(
        {**to_grpc(grpc_sink, sending_queue=queue), **to_http(http_sink, sending_queue=queue)},
        processors=processors, ack="delivered")
    send(apus, "http", otlp.sample("logs", 5))
    assert len(grpc_sink.items("logs")) == len(http_sink.items("logs")) == 5


@pytest.mark.parametrize("steps", STEPS)
def test_clients_wait_for_a_backend_that_comes_later(start, http_sink, steps):
    processors, queue = STEPS[steps]
    http_sink.answers = [Answer(503), Answer(502), Answer(drop=True)]
    apus = start(to_http(http_sink, sending_queue=queue), processors=processors, ack="delivered")
    send(apus, "grpc", otlp.sample("logs", 5))
    assert len(http_sink.items("logs")) == 5


@pytest.mark.parametrize("ack", ["queued", "durable", None])
def test_other_levels_do_not_wait_for_the_backend(start, ack):
    apus = start(to_http(f"http://127.0.0.1:{free_port()}"), ack=ack, service={"shutdown_timeout": "200ms"})
    send(apus, "http", otlp.sample("logs", 5))
    send(apus, "grpc", otlp.sample("logs", 5))


def test_a_destination_that_is_awaited_does_not_make_clients_wait_for_another(start, tmp_path):
    """A file has no queue, so its answer is awaited; that of the backend that is away is not."""
    apus = start(
        {"file": {"path": str(tmp_path / "out.json")}, **to_http(f"http://127.0.0.1:{free_port()}")},
        service={"shutdown_timeout": "200ms"})
    for number in range(3):
        send(apus, "http", otlp.sample("logs", 1, name=f"needle-{number}"))
    eventually(lambda: "needle-2-0" in (tmp_path / "out.json").read_text(), "the file has everything")


@pytest.mark.parametrize("ack", ["durable", None])
@pytest.mark.parametrize("fsync", ["always", "interval", "never"])
def test_durable_means_that_it_is_in_a_file(start, tmp_path, ack, fsync):
    storage = {"directory": str(tmp_path / "storage"), "create_directory": True, "fsync": fsync}
    apus = start(
        to_http(f"http://127.0.0.1:{free_port()}", sending_queue={"storage": "file_storage"}), ack=ack,
        extensions={"file_storage": storage})
    for number in range(20):
        send(apus, "http", otlp.sample("logs", 1, name=f"needle-{number}"))
        written = b"".join(path.read_bytes() for path in (tmp_path / "storage").rglob("*") if path.is_file())
        assert f"needle-{number}-0".encode() in written


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_a_failure_for_good_comes_back_as_one(start, http_sink, steps, status):
    processors, queue = STEPS[steps]
    http_sink.default = Answer(status, "the reason")
    apus = start(to_http(http_sink, sending_queue=queue), processors=processors, ack="delivered")
    answer, _, _ = post(apus, otlp.sample("logs", 5))
    assert answer >= 400 and answer not in RETRYABLE
    error = failure(apus.grpc, "logs", otlp.sample("logs", 5))
    assert error.code() not in RETRYABLE_CODES
    assert error.code() != CODE.RESOURCE_EXHAUSTED or details(error) is None
    assert len(http_sink.received) == 2


def test_the_client_learns_the_reason(start, http_sink):
    http_sink.default = Answer(400, "the reason")
    apus = start(to_http(http_sink), ack="delivered")
    assert "the reason" in post(apus, otlp.sample("logs", 5))[2].message
    assert "the reason" in failure(apus.grpc, "logs", otlp.sample("logs", 5)).details()


@pytest.mark.parametrize("steps", STEPS)
def test_what_may_come_again_is_said_to_be_so(start, http_sink, steps):
    processors, queue = STEPS[steps]
    http_sink.default = Answer(503, "later")
    apus = start(
        to_http(http_sink, sending_queue=queue, retry_on_failure=NO_RETRY), processors=processors, ack="delivered")
    assert post(apus, otlp.sample("logs", 5))[0] in RETRYABLE
    assert failure(apus.grpc, "logs", otlp.sample("logs", 5)).code() in RETRYABLE_CODES


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_a_backend_asks_for_is_passed_on(start, http_sink, steps, status):
    processors, queue = STEPS[steps]
    http_sink.default = Answer(status, retry_after=7)
    apus = start(
        to_http(http_sink, sending_queue=queue, retry_on_failure=NO_RETRY), processors=processors, ack="delivered")
    answer, headers, _ = post(apus, otlp.sample("logs", 5))
    assert answer in (429, 503)
    assert 6 <= int(headers["retry-after"]) <= 8
    error = failure(apus.grpc, "logs", otlp.sample("logs", 5))
    assert error.code() in (CODE.UNAVAILABLE, CODE.RESOURCE_EXHAUSTED)
    assert 6 <= unpack(details(error), error_details_pb2.RetryInfo).retry_delay.seconds <= 7


def test_partial_success_of_the_backend_is_told(start, grpc_sink):
    grpc_sink.default = Answer(rejected=2, message="two are too old")
    apus = start(to_grpc(grpc_sink), ack="delivered")
    partial = send(apus, "http", otlp.sample("logs", 5)).partial_success
    assert (partial.rejected_log_records, partial.error_message) in [(2, "two are too old"), (0, "")]


@pytest.mark.parametrize("place", ["processor", "queue"])
def test_who_is_told_when_a_part_of_a_batch_fails(start, http_sink, place):
    """15 and 5 items become two messages, of which the second is rejected."""
    processors = {"batch": {"send_batch_size": 12, "send_batch_max_size": 12, "timeout": "500ms"}}
    queue = {"num_consumers": 1}
    if place == "queue":
        processors, queue["batch"] = {}, {"min_size": 12, "max_size": 12, "flush_timeout": "500ms"}
    http_sink.answers = [Answer(), Answer(400, "too old")]
    apus = start(to_http(http_sink, sending_queue=queue), processors=processors, ack="delivered", signals=["logs"])
    with Calls(apus) as calls:
        calls.begin(15, "first")
        calls.begin(5, "second")
        told = calls.rejected()
    assert len(http_sink.received) == 2
    assert len(http_sink.items("logs")) == 12
    assert told >= 8, "somebody was told that all is well with items that were rejected"


def test_a_branch_that_fails_is_told_though_another_succeeds(start, grpc_sink, http_sink):
    http_sink.default = Answer(400, "not here")
    apus = start({**to_grpc(grpc_sink), **to_http(http_sink)}, ack="delivered")
    with Calls(apus) as calls:
        calls.begin(5, "both")
        assert calls.rejected() == 5
    assert len(grpc_sink.items("logs")) == 5


def test_a_client_that_goes_away_harms_nobody(start, http_sink):
    http_sink.default = Answer(delay=1)
    apus = start(to_http(http_sink), ack="delivered")
    error = failure(apus.grpc, "logs", otlp.sample("logs", 5, name="gone"), timeout=0.3)
    assert error.code() == CODE.DEADLINE_EXCEEDED
    send(apus, "http", otlp.sample("logs", 5, name="stays"))
    http_sink.wait_for_items("logs", 10)
    assert apus.stop() == 0


def test_json_clients_are_told_in_json(start, http_sink):
    http_sink.default = Answer(400, "the reason")
    apus = start(to_http(http_sink), ack="delivered")
    status, headers, body = get(
        apus.ports["http"], "/v1/logs", "POST", {"content-type": JSON},
        b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}')
    assert status not in RETRYABLE | {200}
    assert headers["content-type"].startswith(JSON)
    assert b"the reason" in body


def test_who_waits_at_shutdown_is_answered(start, http_sink):
    """The backend never answers; when the time to drain is over the client hears that it may try elsewhere."""
    http_sink.default = Answer(503)
    apus = start(to_http(http_sink), ack="delivered", service={"shutdown_timeout": "1s"})
    with Calls(apus) as calls:
        calls.begin(5, "late")
        eventually(lambda: http_sink.received, "the first try")
        apus.stop()
        assert set(calls.errors()) <= RETRYABLE_CODES and calls.errors()
