"""The Python OpenTelemetry SDK, as applications use it, through Apus to other people's servers."""

import logging

import otlp
import pytest
from conftest import to_grpc, to_http
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.grpc import _log_exporter as grpc_logs
from opentelemetry.exporter.otlp.proto.grpc import metric_exporter as grpc_metrics
from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as grpc_traces
from opentelemetry.exporter.otlp.proto.http import _log_exporter as http_logs
from opentelemetry.exporter.otlp.proto.http import metric_exporter as http_metrics
from opentelemetry.exporter.otlp.proto.http import trace_exporter as http_traces
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

RESOURCE = Resource.create({"service.name": "shop", "answer": 42, "ratio": 0.5, "tags": ["a", "b"], "live": True})


def recording(exporter, encode, sent):
    """`exporter`, with what it exports written down as the SDK's own encoder sees it."""
    original = exporter.export

    def export(data, *arguments, **options):
        result = original(data, *arguments, **options)
        assert result.name == "SUCCESS"
        sent.append(encode(data))
        return result

    exporter.export = export
    return exporter


def send_traces(exporter, sent):
    provider = TracerProvider(resource=RESOURCE)
    provider.add_span_processor(BatchSpanProcessor(recording(exporter, encode_spans, sent)))
    tracer = provider.get_tracer("shop.checkout", "1.2.3", schema_url="https://example.com/schema")
    with tracer.start_as_current_span("checkout", kind=trace.SpanKind.SERVER, attributes={"user": "ü"}) as parent:
        parent.add_event("paid", {"amount": 12.5, "currency": "EUR"})
        for number in range(20):
            link = trace.Link(parent.get_span_context(), {"why": "test"})
            with tracer.start_as_current_span(f"item {number}", links=[link], attributes={"n": number}):
                pass
        try:
            raise ValueError("no stock")
        except ValueError as error:
            parent.record_exception(error)
            parent.set_status(trace.Status(trace.StatusCode.ERROR, "no stock"))
    provider.shutdown()


def send_metrics(exporter, sent):
    reader = PeriodicExportingMetricReader(recording(exporter, encode_metrics, sent), export_interval_millis=10**9)
    view = View(instrument_name="size", aggregation=ExponentialBucketHistogramAggregation())
    provider = MeterProvider([reader], resource=RESOURCE, views=[view])
    meter = provider.get_meter("shop", "2", schema_url="https://example.com/schema")
    counter = meter.create_counter("orders", "1", "Orders")
    for shop in ("north", "south"):
        counter.add(3, {"shop": shop})
    meter.create_up_down_counter("carts").add(-2.5)
    meter.create_gauge("temperature").set(21.5, {"room": "ä"})
    for value in (0.5, 7, 10**6):
        meter.create_histogram("duration", "ms").record(value)
        meter.create_histogram("size", "By").record(value)
    provider.shutdown()


def send_logs(exporter, sent):
    provider = LoggerProvider(resource=RESOURCE)
    provider.add_log_record_processor(SimpleLogRecordProcessor(recording(exporter, encode_logs, sent)))
    logger = logging.getLogger("shop.orders")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    handler = LoggingHandler(logger_provider=provider)
    logger.addHandler(handler)
    try:
        logger.info("order %s", 17, extra={"order": 17, "express": True})
        logger.warning("late ⏰")
        try:
            raise KeyError("x")
        except KeyError:
            logger.exception("failed")
    finally:
        logger.removeHandler(handler)
        provider.shutdown()


SENDERS = {
    ("traces", "grpc"): (send_traces, grpc_traces.OTLPSpanExporter),
    ("metrics", "grpc"): (send_metrics, grpc_metrics.OTLPMetricExporter),
    ("logs", "grpc"): (send_logs, grpc_logs.OTLPLogExporter),
    ("traces", "http"): (send_traces, http_traces.OTLPSpanExporter),
    ("metrics", "http"): (send_metrics, http_metrics.OTLPMetricExporter),
    ("logs", "http"): (send_logs, http_logs.OTLPLogExporter),
}


@pytest.mark.parametrize("compression", ["none", "gzip"])
@pytest.mark.parametrize("protocol", ["grpc", "http"])
@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_what_the_sdk_sends_arrives_unchanged_at_both_sinks(
        start, grpc_sink, http_sink, signal, protocol, compression, monkeypatch):
    apus = start({**to_grpc(grpc_sink), **to_http(http_sink)}, processors={"batch": {"timeout": "50ms"}})
    if compression != "none":
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", compression)
    send, exporter = SENDERS[signal, protocol]
    options = {"endpoint": f"http://{apus.grpc}", "insecure": True} if protocol == "grpc" else {
        "endpoint": f"http://{apus.http}{otlp.SERVICES[signal].path}"}
    sent = []
    send(exporter(**options), sent)
    expected = otlp.items(*sent)
    assert expected
    assert grpc_sink.wait_for_items(signal, len(expected)) == expected
    assert http_sink.wait_for_items(signal, len(expected)) == expected
