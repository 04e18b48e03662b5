"""Requests as SDKs make them: 456 bytes a span, 420 a log record, 230 a data point, give or take."""

import base64
import gzip
import json
import os

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

BEGIN = 1_700_000_000_000_000_000
TEXTS = (
    ("http.request.method", "GET"), ("url.scheme", "https"), ("server.address", "shop.example.com"),
    ("http.route", "/api/products/{id}"), ("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64)"),
    ("client.address", "203.0.113.7"),
)
NUMBERS = (("http.response.status_code", 200), ("server.port", 443))


def _attributes(target, texts=TEXTS, numbers=NUMBERS):
    for key, value in texts:
        target.add(key=key).value.string_value = value
    for key, value in numbers:
        target.add(key=key).value.int_value = value


def _resource(resource):
    for key, value in (("service.name", "checkout"), ("service.version", "2.14.0"), ("host.name", "node-17"),
                       ("k8s.namespace.name", "shop"), ("k8s.pod.name", "checkout-6d4cf56db6-8xk2p")):
        resource.attributes.add(key=key).value.string_value = value


def traces(items):
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    _resource(group.resource)
    scope = group.scope_spans.add()
    scope.scope.name = "benchmark"
    for number in range(items):
        span = scope.spans.add(name=f"GET /api/products/{number % 50}", kind=2)
        span.trace_id, span.span_id, span.parent_span_id = os.urandom(16), os.urandom(8), os.urandom(8)
        span.start_time_unix_nano = BEGIN + number * 1000
        span.end_time_unix_nano = span.start_time_unix_nano + 1_234_567
        _attributes(span.attributes)
        span.attributes.add(key="thread.name").value.string_value = f"worker-{number % 16}"
    return request


def logs(items):
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    _resource(group.resource)
    scope = group.scope_logs.add()
    scope.scope.name = "benchmark"
    for number in range(items):
        record = scope.log_records.add(severity_number=9, severity_text="INFO", time_unix_nano=BEGIN + number)
        record.observed_time_unix_nano = record.time_unix_nano + 1000
        record.body.string_value = f"order {number} of customer {number * 7919 % 100003} was placed and paid by card"
        record.trace_id, record.span_id = os.urandom(16), os.urandom(8)
        _attributes(record.attributes)
    return request


def metrics(items):
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    _resource(group.resource)
    scope = group.scope_metrics.add()
    scope.scope.name = "benchmark"
    per_metric = 16
    for number in range(items):
        if number % per_metric == 0:
            metric = scope.metrics.add(name=f"http.server.request.count.{number // per_metric}", unit="{request}")
            metric.sum.aggregation_temporality, metric.sum.is_monotonic = 2, True
        point = metric.sum.data_points.add(start_time_unix_nano=BEGIN, time_unix_nano=BEGIN + number)
        point.as_int = number * 31
        _attributes(point.attributes, TEXTS[:4])
    return request


MAKERS = {"traces": traces, "logs": logs, "metrics": metrics}
PATHS = {
    "traces": ("/opentelemetry.proto.collector.trace.v1.TraceService/Export", "/v1/traces"),
    "logs": ("/opentelemetry.proto.collector.logs.v1.LogsService/Export", "/v1/logs"),
    "metrics": ("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/v1/metrics"),
}


def _identifiers(value):
    """OTLP/JSON writes ids in hexadecimal, where Protobuf's JSON has base64."""
    if isinstance(value, list):
        return [_identifiers(one) for one in value]
    if isinstance(value, dict):
        return {key: _hexadecimal(one) if key in ("traceId", "spanId", "parentSpanId") else _identifiers(one)
                for key, one in value.items()}
    return value


def _hexadecimal(text):
    return base64.b64decode(text).hex()


def body(case):
    """What the loader sends for a case: the bytes of one request, and its header fields."""
    request = MAKERS[case.signal](case.items)
    if case.protocol == "json":
        document = _identifiers(json_format.MessageToDict(request, use_integers_for_enums=True))
        message, fields = json.dumps(document).encode(), {"content-type": "application/json"}
    else:
        message, fields = request.SerializeToString(), {"content-type": "application/x-protobuf"}
    if case.protocol == "grpc":
        fields = {"content-type": "application/grpc", "te": "trailers"}
    if case.gzip_in:
        message = gzip.compress(message, 6)
        fields["grpc-encoding" if case.protocol == "grpc" else "content-encoding"] = "gzip"
    if case.protocol == "grpc":
        message = bytes([case.gzip_in]) + len(message).to_bytes(4, "big") + message
    return message, fields
