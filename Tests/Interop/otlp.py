"""OTLP as others see it: the services, sample messages, and what a message says in comparable form."""

import base64
import copy
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs_service
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics_service
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_service
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue


@dataclass(frozen=True)
class Service:
    signal: str
    method: str
    path: str
    request: Any
    response: Any
    items: str  # as in metric names
    rejected: str  # the field of partial_success


def _service(signal, package, name, path, module, kind, items, rejected):
    return Service(
        signal, f"/opentelemetry.proto.collector.{package}.v1.{name}Service/Export", path,
        getattr(module, f"Export{kind}ServiceRequest"), getattr(module, f"Export{kind}ServiceResponse"), items, rejected)


SERVICES = {
    "traces": _service(
        "traces", "trace", "Trace", "/v1/traces", trace_service, "Trace", "spans", "rejected_spans"),
    "metrics": _service(
        "metrics", "metrics", "Metrics", "/v1/metrics", metrics_service, "Metrics", "metric_points",
        "rejected_data_points"),
    "logs": _service("logs", "logs", "Logs", "/v1/logs", logs_service, "Logs", "log_records", "rejected_log_records"),
}
SIGNALS = list(SERVICES)


def attribute(key, value):
    """A key and a value of any kind that OTLP knows."""
    return KeyValue(key=key, value=any_value(value))


def any_value(value):
    result = AnyValue()
    if value is None:
        return result
    if isinstance(value, bool):
        result.bool_value = value
    elif isinstance(value, int):
        result.int_value = value
    elif isinstance(value, float):
        result.double_value = value
    elif isinstance(value, str):
        result.string_value = value
    elif isinstance(value, bytes):
        result.bytes_value = value
    elif isinstance(value, list):
        result.array_value.SetInParent()
        result.array_value.values.extend(any_value(item) for item in value)
    else:
        result.kvlist_value.SetInParent()
        result.kvlist_value.values.extend(attribute(key, item) for key, item in value.items())
    return result


EVERY_KIND = {
    "string": "grüße 🐦", "empty": "", "true": True, "false": False, "zero": 0, "int": -(2**63), "double": 0.1,
    "bytes": b"\x00\xff\x80", "list": ["a", 1, None, [True, 2.5]], "map": {"k": {"deeper": "v"}}, "unset": None,
}


def _begin(signal, resource_attributes):
    request = SERVICES[signal].request()
    resource = getattr(request, {"traces": "resource_spans", "metrics": "resource_metrics", "logs": "resource_logs"}[
        signal]).add()
    resource.resource.attributes.extend(attribute(k, v) for k, v in resource_attributes.items())
    resource.resource.dropped_attributes_count = 3
    resource.schema_url = "https://opentelemetry.io/schemas/1.30.0"
    scope = getattr(resource, {"traces": "scope_spans", "metrics": "scope_metrics", "logs": "scope_logs"}[signal]).add()
    scope.scope.name, scope.scope.version = "interop", "1.2"
    scope.scope.attributes.append(attribute("scope", 1))
    scope.schema_url = "https://opentelemetry.io/schemas/1.29.0"
    return request, scope


def sample(signal, count=1, name="item", resource=None):
    """A message with `count` items: spans, data points or log records, each with a name of its own."""
    request, scope = _begin(signal, resource or {"service.name": "interop"})
    if signal == "metrics":
        metric = scope.metrics.add(name=name, unit="1")
        metric.gauge.SetInParent()
    for index in range(count):
        if signal == "traces":
            scope.spans.add(
                trace_id=index.to_bytes(15, "big") + b"\x01", span_id=index.to_bytes(7, "big") + b"\x01",
                name=f"{name}-{index}", start_time_unix_nano=10**18 + index, end_time_unix_nano=10**18 + index + 5)
        elif signal == "logs":
            record = scope.log_records.add(time_unix_nano=10**18 + index, severity_number=9, severity_text="INFO")
            record.body.string_value = f"{name}-{index}"
        else:
            point = metric.gauge.data_points.add(time_unix_nano=10**18 + index, as_int=index)
            point.attributes.append(attribute("name", f"{name}-{index}"))
    return request


def complete(signal):
    """A message in which every field of the signal is set."""
    request, scope = _begin(signal, {"service.name": "interop", **EVERY_KIND})
    {"traces": _complete_spans, "metrics": _complete_metrics, "logs": _complete_logs}[signal](scope)
    return request


def _complete_spans(scope):
    span = scope.spans.add(
        trace_id=bytes(range(16)), span_id=bytes(range(8)), trace_state="a=1,b=2", parent_span_id=b"12345678",
        flags=0x301, name="Ünïcode", kind=2, start_time_unix_nano=2**63 + 1, end_time_unix_nano=2**64 - 1,
        dropped_attributes_count=1, dropped_events_count=2, dropped_links_count=2**32 - 1)
    span.attributes.extend(attribute(k, v) for k, v in EVERY_KIND.items())
    event = span.events.add(time_unix_nano=1, name="event", dropped_attributes_count=4)
    event.attributes.append(attribute("k", "v"))
    link = span.links.add(
        trace_id=b"l" * 16, span_id=b"l" * 8, trace_state="c=3", dropped_attributes_count=5, flags=0x100)
    link.attributes.append(attribute("k", [1, 2]))
    span.status.code, span.status.message = 2, "failed"


def _complete_logs(scope):
    record = scope.log_records.add(
        time_unix_nano=1, observed_time_unix_nano=2**64 - 1, severity_number=17, severity_text="ERROR",
        dropped_attributes_count=1, flags=1, trace_id=bytes(range(1, 17)), span_id=bytes(range(1, 9)),
        event_name="happened")
    record.body.CopyFrom(any_value(EVERY_KIND))
    record.attributes.extend(attribute(k, v) for k, v in EVERY_KIND.items())


def _complete_metrics(scope):
    times = {"start_time_unix_nano": 1, "time_unix_nano": 2}
    gauge = scope.metrics.add(name="gauge", description="a gauge", unit="By")
    gauge.metadata.append(attribute("m", "v"))
    point = gauge.gauge.data_points.add(as_double=float("inf"), flags=1, **times)
    exemplar = point.exemplars.add(time_unix_nano=3, as_int=-5, trace_id=b"e" * 16, span_id=b"e" * 8)
    exemplar.filtered_attributes.append(attribute("f", 1.5))
    total = scope.metrics.add(name="sum", unit="1").sum
    total.aggregation_temporality, total.is_monotonic = 2, True
    total.data_points.add(as_int=-(2**63), **times).attributes.append(attribute("k", "v"))
    histogram = scope.metrics.add(name="histogram").histogram
    histogram.aggregation_temporality = 1
    histogram.data_points.add(
        count=7, sum=3.5, bucket_counts=[1, 2, 4], explicit_bounds=[0.5, 10], min=-1, max=99, **times)
    exponential = scope.metrics.add(name="exponential").exponential_histogram
    exponential.aggregation_temporality = 2
    buckets = exponential.data_points.add(
        count=9, sum=1, scale=-3, zero_count=2, zero_threshold=1e-9, min=0, max=5, **times)
    buckets.positive.offset, buckets.negative.offset = -2, 7
    buckets.positive.bucket_counts.extend([1, 0, 2**40])
    buckets.negative.bucket_counts.extend([3])
    summary = scope.metrics.add(name="summary").summary.data_points.add(count=4, sum=8, **times)
    summary.quantile_values.add(quantile=0.5, value=2)
    summary.quantile_values.add(quantile=0.99, value=float("nan"))


def items(*requests):
    """What messages say, whatever way it was divided: one sorted text for each item with all that belongs to it."""
    return sorted(text for request in requests for text in _items(request))


def _items(request):
    for resource in _first(request, "resource_spans", "resource_metrics", "resource_logs"):
        for scope in _first(resource, "scope_spans", "scope_metrics", "scope_logs"):
            head = [str(resource.resource), resource.schema_url, str(scope.scope), scope.schema_url]
            for item in _first(scope, "spans", "metrics", "log_records"):
                if type(item).__name__ == "Metric":
                    kind = item.WhichOneof("data")
                    envelope = copy.deepcopy(item)
                    del getattr(envelope, kind).data_points[:]
                    for point in getattr(item, kind).data_points:
                        yield "\n".join([*head, str(envelope), str(point)])
                else:
                    yield "\n".join([*head, str(item)])


def _first(message, *names):
    known = {field.name for field in message.DESCRIPTOR.fields}
    return getattr(message, next(name for name in names if name in known))


def count(request):
    return len(items(request))


def to_json(request):
    """The message as an object of OTLP/JSON, which writes ids in hexadecimal."""
    return _ids(json_format.MessageToDict(request, use_integers_for_enums=True), _hex)


def from_json(document, kind):
    """The message of type `kind` that an object of OTLP/JSON stands for; unknown keys are a failure."""
    return json_format.ParseDict(_ids(document, _base64), kind())


def _ids(value, convert):
    if isinstance(value, list):
        return [_ids(item, convert) for item in value]
    if isinstance(value, dict):
        return {
            key: convert(item) if key in ("traceId", "spanId", "parentSpanId") and isinstance(item, str)
            else _ids(item, convert) for key, item in value.items()
        }
    return value


def _hex(text):
    return base64.b64decode(text).hex()


def _base64(text):
    return base64.b64encode(bytes.fromhex(text)).decode()
