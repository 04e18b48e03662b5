"""The jaeger receiver: jaeger-client and its Thrift classes, and grpcio, send; Apus receives and sends OTLP on."""

import gzip
import json
import os
import random
import time
import urllib.request

import grpc
import jaeger
import pytest
from conftest import to_grpc
from jaeger_client import Config
from process import eventually, free_port
from sinks import Answer

#: Microseconds.
START = 1600000000123456


@pytest.fixture
def receive(launch, grpc_sink):
    """Starts Apus with the receiver before a sink; `jaeger` of what it gives are the ports."""

    def receive(udp=None, ack=None, exporter=None, **keys):
        ports = {name: free_port() for name in ["grpc", "thrift_http", "thrift_compact", "thrift_binary", "metrics"]}
        protocols = {name: {"endpoint": f"127.0.0.1:{port}"} for name, port in ports.items() if name != "metrics"}
        for name in ["thrift_compact", "thrift_binary"]:
            protocols[name].update(udp or {})
        page = {
            "host": "127.0.0.1", "port": ports["metrics"], "without_type_suffix": True, "without_units": True,
            "without_scope_info": True}
        exporters = exporter or to_grpc(grpc_sink)
        receiver = {"protocols": protocols, **({} if ack is None else {"ack": ack}), **keys}
        apus = launch({
            "receivers": {"jaeger": receiver}, "exporters": exporters,
            "service": {
                "shutdown_timeout": "5s",
                "telemetry": {
                    "logs": {"level": "debug", "sampling": {"enabled": False}},
                    "metrics": {"readers": [{"pull": {"exporter": {"prometheus": page}}}]}},
                "pipelines": {"traces": {"receivers": ["jaeger"], "exporters": list(exporters)}}},
        }, {"metrics": ports["metrics"]})
        apus.jaeger = ports
        return apus

    return receive


def groups(sink, number):
    """What a sink has, once there are `number` spans."""
    sink.wait_for_items("traces", number)
    return [group for request in sink.accepted("traces") for group in request.resource_spans]


def spans(sink, number):
    return [span for group in groups(sink, number) for scope in group.scope_spans for span in scope.spans]


def attributes(pairs):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


# jaeger-client


def tracer(apus, service="shop", sampler=None, **keys):
    config = Config(
        config={
            "sampler": sampler or {"type": "const", "param": 1}, "logging": False, "reporter_flush_interval": 0.1,
            "local_agent": {"reporting_host": "127.0.0.1", "reporting_port": apus.jaeger["thrift_compact"],
                            "sampling_port": keys.pop("sampling_port", 1)}, **keys},
        service_name=service, validate=True)
    return config.new_tracer()


def test_what_jaeger_client_sends_arrives(receive, grpc_sink):
    apus = receive()
    client = tracer(apus, generate_128bit_trace_id=True, tags={"region": "eu"})
    with client.start_span("parent", tags={"span.kind": "server"}) as parent:
        parent.log_kv({"event": "began", "attempt": 1})
        with client.start_span("child", child_of=parent) as child:
            child.set_tag("error", True)
            child.set_tag("share", 0.5)
            child.set_tag("http.status_message", "gone")
    client.close()
    found = {span.name: span for span in spans(grpc_sink, 2)}
    parent, child = found["parent"], found["child"]
    assert len(parent.trace_id) == 16 and parent.trace_id == child.trace_id and any(parent.trace_id[:8])
    assert child.parent_span_id == parent.span_id and not parent.parent_span_id
    assert parent.kind == 2 and parent.flags == 1 and not parent.HasField("status")
    assert 0 < parent.start_time_unix_nano <= child.start_time_unix_nano <= child.end_time_unix_nano
    assert [event.name for event in parent.events] == ["began"]
    # The client has all numbers of logs and tags as their types.
    assert attributes(parent.events[0].attributes)["attempt"] in (1, "1")
    assert child.status.code == 2 and child.status.message == "gone"
    assert attributes(child.attributes)["share"] == 0.5 and "error" not in attributes(child.attributes)
    resource = attributes(groups(grpc_sink, 2)[0].resource.attributes)
    assert resource["service.name"] == "shop" and resource["region"] == "eu"
    assert resource["opencensus.exporterversion"].startswith("Jaeger-Python-") and resource["host.name"]


def test_many_spans_of_jaeger_client(receive, grpc_sink):
    apus = receive()
    client = tracer(apus)
    for number in range(500):
        client.start_span(f"span-{number}").finish()
        if number % 50 == 49:
            grpc_sink.wait_for_items("traces", number + 1)
    client.close()
    assert {span.name for span in spans(grpc_sink, 500)} == {f"span-{number}" for number in range(500)}
    apus.wait_for_metric(
        "otelcol_receiver_accepted_spans", 500, receiver="jaeger", transport="udp_thrift_compact")


def test_jaeger_client_asks_how_to_sample(receive, grpc_sink, tmp_path):
    file, port = tmp_path / "strategies.json", free_port()
    strategies = {"service_strategies": [{"service": "shop", "type": "probabilistic", "param": 1}],
                  "default_strategy": {"type": "ratelimiting", "param": 3}}
    file.write_text(json.dumps(strategies))
    apus = receive(remote_sampling={
        "host_endpoint": f"127.0.0.1:{port}", "strategy_file": str(file), "strategy_file_reload_interval": "100ms"})
    client = tracer(
        apus, sampler={"type": "probabilistic", "param": 0}, sampling_port=port, sampling_refresh_interval=1)
    # A configuration with a fixed sampler does not ask; this is how one that does is made.
    from jaeger_client.sampler import RemoteControlledSampler
    sampler = RemoteControlledSampler(
        channel=client.reporter._channel, service_name="shop", sampling_refresh_interval=0.2)
    eventually(lambda: getattr(sampler.sampler, "rate", None) == 1, lambda: apus.log)
    strategies["service_strategies"][0].update(type="ratelimiting", param=7)
    file.write_text(json.dumps(strategies))
    eventually(lambda: getattr(sampler.sampler, "traces_per_second", None) == 7, lambda: apus.log)
    sampler.close()
    client.close()
    request = jaeger.api["SamplingStrategyParameters"](service_name="other")
    answer = jaeger.ask(
        apus.jaeger["grpc"], "SamplingManager/GetSamplingStrategy", request, "SamplingStrategyResponse")
    assert answer.strategy_type == 1 and answer.rate_limiting.max_traces_per_second == 3
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/?service=other", timeout=30) as response:
        assert json.load(response) == {"strategyType": 1, "rateLimitingSampling": {"maxTracesPerSecond": 3}}


# All protocols


VALUES = {
    "text": "grüße", "yes": True, "number": -7, "share": 0.25, "bytes": b"\0\xff", "span.kind": "client",
    "otel.scope.name": "library", "otel.scope.version": "2", "w3c.tracestate": "a=b", "otel.status_code": "ERROR",
    "otel.status_description": "it broke"}


def thrift_sample():
    span = jaeger.span(
        "get", trace=(5, 6), identity=9, start=START, values=VALUES,
        logs=[(START + 1, {"event": "retry", "n": 2}), (START + 2, {"message": "m"})],
        references=[(0, 5, 6, 4), (1, 7, 8, 3)])
    return jaeger.batch(span, values={"hostname": "box", "jaeger.version": "Test-1", "ip": "::1"})


def protobuf_sample():
    api = jaeger.api

    def pairs(values):
        fields = {str: (0, "v_str"), bool: (1, "v_bool"), int: (2, "v_int64"), float: (3, "v_float64"),
                  bytes: (4, "v_binary")}
        return [
            api["KeyValue"](key=key, v_type=fields[type(value)][0], **{fields[type(value)][1]: value})
            for key, value in values.items()]

    def moment(microseconds):
        return api["Time"](seconds=microseconds // 10**6, nanos=microseconds % 10**6 * 1000)

    def identity(*numbers):
        return b"".join(number.to_bytes(8, "big") for number in numbers)

    span = api["Span"](
        trace_id=identity(5, 6), span_id=identity(9), operation_name="get", flags=1, start_time=moment(START),
        duration=moment(1500), tags=pairs(VALUES), warnings=["clock skew"],
        references=[
            api["SpanRef"](trace_id=identity(5, 6), span_id=identity(4)),
            api["SpanRef"](trace_id=identity(7, 8), span_id=identity(3), ref_type=1)],
        logs=[
            api["Log"](timestamp=moment(START + 1), fields=pairs({"event": "retry", "n": 2})),
            api["Log"](timestamp=moment(START + 2), fields=pairs({"message": "m"}))])
    process = api["Process"](
        service_name="shop", tags=pairs({"hostname": "box", "jaeger.version": "Test-1", "ip": "::1"}))
    return api["Batch"](spans=[span], process=process)


def send_sample(apus, protocol):
    ports = apus.jaeger
    if protocol == "grpc":
        jaeger.post_spans(ports["grpc"], protobuf_sample())
    elif protocol == "thrift_http":
        assert jaeger.post(ports["thrift_http"], jaeger.encode(thrift_sample())) == 202
    else:
        encoding = jaeger.Compact if protocol == "thrift_compact" else jaeger.Binary
        jaeger.send_datagram(ports[protocol], jaeger.call(thrift_sample(), encoding))


@pytest.mark.parametrize("protocol", ["grpc", "thrift_http", "thrift_compact", "thrift_binary"])
def test_a_span_becomes_what_is_documented(receive, grpc_sink, protocol):
    apus = receive()
    send_sample(apus, protocol)
    (group,) = groups(grpc_sink, 1)
    assert attributes(group.resource.attributes) == {
        "service.name": "shop", "host.name": "box", "opencensus.exporterversion": "Jaeger-Test-1", "ip": "::1"}
    (scope,) = group.scope_spans
    assert (scope.scope.name, scope.scope.version) == ("library", "2")
    (span,) = scope.spans
    assert span.trace_id == bytes(7) + b"\5" + bytes(7) + b"\6" and span.span_id == bytes(7) + b"\x09"
    assert span.parent_span_id == bytes(7) + b"\4"
    assert (span.name, span.kind, span.trace_state, span.flags) == ("get", 3, "a=b", 1)
    assert span.start_time_unix_nano == START * 1000 and span.end_time_unix_nano == (START + 1500) * 1000
    assert (span.status.code, span.status.message) == (2, "it broke")
    assert attributes(span.attributes) == {
        "text": "grüße", "yes": True, "number": -7, "share": 0.25, "bytes": b"\0\xff"}
    events = [(event.time_unix_nano, event.name, attributes(event.attributes)) for event in span.events]
    assert events == [((START + 1) * 1000, "retry", {"n": 2}), ((START + 2) * 1000, "", {"message": "m"})]
    (link,) = span.links
    assert link.trace_id == bytes(7) + b"\7" + bytes(7) + b"\x08" and link.span_id == bytes(7) + b"\3"
    assert attributes(link.attributes) == {"opentracing.ref_type": "follows_from"}
    transport = {"grpc": "grpc", "thrift_http": "collector_http"}.get(protocol, f"udp_{protocol}")
    apus.wait_for_metric("otelcol_receiver_accepted_spans", 1, receiver="jaeger", transport=transport)


def test_compressed_bodies(receive, grpc_sink):
    apus = receive()
    body = gzip.compress(jaeger.encode(thrift_sample()))
    assert jaeger.post(apus.jaeger["thrift_http"], body, **{"content-encoding": "gzip"}) == 202
    assert len(spans(grpc_sink, 1)) == 1


def test_processes_of_spans_become_resources_of_their_own(receive, grpc_sink):
    apus = receive()
    message = protobuf_sample()
    for number in range(3):
        message.spans.add().CopyFrom(message.spans[0])
        message.spans[-1].process.service_name = f"service-{number % 2}"
    jaeger.post_spans(apus.jaeger["grpc"], message)
    found = {
        attributes(group.resource.attributes)["service.name"]: len(group.scope_spans[0].spans)
        for group in groups(grpc_sink, 4)}
    assert found == {"shop": 1, "service-0": 2, "service-1": 1}


# Trouble


def test_bad_input_is_refused_and_hurts_nobody(receive, grpc_sink):
    apus = receive()
    ports = apus.jaeger
    good = jaeger.encode(thrift_sample())
    assert jaeger.post(ports["thrift_http"], good, "application/json") == 400
    assert jaeger.post(ports["thrift_http"], good[:-7]) == 400
    assert jaeger.post(ports["thrift_http"], b"\x0f\0\2\x0c\x7f\xff\xff\xff") == 400
    with pytest.raises(grpc.RpcError) as error:
        with grpc.insecure_channel(f"127.0.0.1:{ports['grpc']}") as channel:
            channel.unary_unary("/jaeger.api_v2.CollectorService/PostSpans")(b"\x0a\x7f", timeout=30)
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    for port in (ports["thrift_compact"], ports["thrift_binary"]):
        for size in (0, 1, 100, 60000):
            jaeger.send_datagram(port, os.urandom(size))
    chance = random.Random(1)
    sample = {name: jaeger.call(thrift_sample(), encoding) for name, encoding in [
        ("thrift_compact", jaeger.Compact), ("thrift_binary", jaeger.Binary)]}
    for name, whole in sample.items():
        for _ in range(300):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 5)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            jaeger.send_datagram(ports[name], bytes(damaged))
    before = len(grpc_sink.items("traces"))
    send_sample(apus, "thrift_http")
    eventually(lambda: len(grpc_sink.items("traces")) > before, lambda: apus.log)
    assert apus.metric("apus_receiver_invalid_requests", receiver="jaeger", transport="collector_http") == 2
    assert apus.metric("apus_receiver_invalid_requests", receiver="jaeger", transport="udp_thrift_compact") > 3
    assert apus.stop() == 0


def test_what_the_backend_refuses_is_told_to_those_who_can_hear(receive, grpc_sink):
    exporter = to_grpc("127.0.0.1:1", retry_on_failure={"enabled": False}, sending_queue={"enabled": False})
    apus = receive(exporter=exporter, ack="delivered")
    ports = apus.jaeger
    assert jaeger.post(ports["thrift_http"], jaeger.encode(thrift_sample())) in (500, 503)
    with pytest.raises(grpc.RpcError):
        jaeger.post_spans(ports["grpc"], protobuf_sample())
    jaeger.send_datagram(ports["thrift_compact"], jaeger.call(thrift_sample(), jaeger.Compact))
    apus.wait_for_log("nobody sends them again")
    for transport in ("collector_http", "grpc", "udp_thrift_compact"):
        apus.wait_for_metric("otelcol_receiver_refused_spans", 1, receiver="jaeger", transport=transport)


def test_datagrams_without_room_are_counted(receive, grpc_sink):
    exporter = to_grpc(grpc_sink, sending_queue={"enabled": False})
    apus = receive(udp={"workers": 1, "queue_size": 2}, ack="delivered", exporter=exporter)
    grpc_sink.default = Answer(delay=1)
    data = jaeger.call(thrift_sample(), jaeger.Compact)
    for _ in range(10):
        jaeger.send_datagram(apus.jaeger["thrift_compact"], data)
    apus.wait_for_metric(
        "otelcol_jaeger_receiver_thrift_pkt_dropped", 7, receiver="jaeger", transport="udp_thrift_compact")
    assert len(spans(grpc_sink, 3)) == 3


def test_a_new_configuration_takes_the_ports_over(receive, grpc_sink):
    apus = receive()
    data = jaeger.call(jaeger.batch(jaeger.span("x")), jaeger.Compact)
    number = 0
    begin = time.monotonic()
    apus.config["receivers"]["jaeger"]["protocols"]["thrift_compact"]["queue_size"] = 500
    apus.write(apus.config)
    while time.monotonic() - begin < 2:
        jaeger.send_datagram(apus.jaeger["thrift_compact"], data)
        number += 1
        if number == 100:
            apus.signal(1)
        time.sleep(0.001)
    apus.wait_for_log("thrift_compact[\\s\\S]*thrift_compact")
    assert len(spans(grpc_sink, number)) == number
    send_sample(apus, "grpc")
    grpc_sink.wait_for_items("traces", number + 1)
