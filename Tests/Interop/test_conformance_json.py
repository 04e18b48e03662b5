"""The JSON mapping of OTLP, row by row, both ways."""

import copy
import json

import otlp
import pytest
from clients import JSON, export
from conftest import to_grpc, to_http
from process import get


def post(apus, signal, document):
    body = document if isinstance(document, (str, bytes)) else json.dumps(document)
    return get(apus.ports["http"], otlp.SERVICES[signal].path, "POST", {"content-type": JSON}, body)


def span(**fields):
    base = {"traceId": "0102030405060708090a0b0c0d0e0f10", "spanId": "0102030405060708", "name": "s"}
    return {"resourceSpans": [{"scopeSpans": [{"spans": [{**base, **fields}]}]}]}


def points(**fields):
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m", "gauge": {"dataPoints": [fields]}}]}]}]}


def only_span(sink):
    sink.wait_for_items("traces", 1)
    return sink.accepted("traces")[0].resource_spans[0].scope_spans[0].spans[0]


def only_point(sink):
    sink.wait_for_items("metrics", 1)
    return sink.accepted("metrics")[0].resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[0]


@pytest.mark.parametrize("fields, name, expected", [
    ({"traceId": "AABBCCDDEEFF00112233445566778899"}, "trace_id", bytes.fromhex("aabbccddeeff00112233445566778899")),
    ({"parentSpanId": "aAbBcCdDeEfF0011"}, "parent_span_id", bytes.fromhex("aabbccddeeff0011")),
    ({"kind": 3}, "kind", 3),
    ({"startTimeUnixNano": "18446744073709551615"}, "start_time_unix_nano", 2**64 - 1),
    ({"startTimeUnixNano": 1544712660000000000}, "start_time_unix_nano", 1544712660000000000),
    ({"flags": 257}, "flags", 257),
    ({"flags": "257"}, "flags", 257),
    ({"droppedEventsCount": 4294967295}, "dropped_events_count", 2**32 - 1),
    ({"traceState": None}, "trace_state", ""),
    ({"name": "\\u00fc\U0001f426\"\\"}, "name", "\\u00fc\U0001f426\"\\"),
    ({"endTimeUnixNano": None, "kind": None}, "kind", 0),
])
def test_fields_of_spans(start, grpc_sink, fields, name, expected):
    apus = start(to_grpc(grpc_sink))
    assert post(apus, "traces", span(**fields))[0] == 200
    assert getattr(only_span(grpc_sink), name) == expected


@pytest.mark.parametrize("fields, name, expected", [
    ({"asInt": "-9223372036854775808"}, "as_int", -(2**63)),
    ({"asInt": 5}, "as_int", 5),
    ({"asDouble": 1.5e300}, "as_double", 1.5e300),
    ({"asDouble": 3}, "as_double", 3.0),
    ({"asDouble": "0.25"}, "as_double", 0.25),
    ({"asDouble": "Infinity"}, "as_double", float("inf")),
    ({"asDouble": "-Infinity"}, "as_double", float("-inf")),
])
def test_numbers(start, grpc_sink, fields, name, expected):
    apus = start(to_grpc(grpc_sink))
    assert post(apus, "metrics", points(**fields))[0] == 200
    assert getattr(only_point(grpc_sink), name) == expected


def test_not_a_number(start, grpc_sink):
    apus = start(to_grpc(grpc_sink))
    assert post(apus, "metrics", points(asDouble="NaN"))[0] == 200
    value = only_point(grpc_sink).as_double
    assert value != value


@pytest.mark.parametrize("value, expected", [
    ({"stringValue": ""}, ""), ({"boolValue": False}, False), ({"intValue": "7"}, 7), ({"intValue": 7}, 7),
    ({"doubleValue": 0.1}, 0.1), ({"bytesValue": "AP+A"}, b"\x00\xff\x80"), ({}, None),
    ({"arrayValue": {"values": [{"intValue": 1}, {}]}}, [1, None]), ({"arrayValue": {}}, []),
    ({"kvlistValue": {"values": [{"key": "k", "value": {"stringValue": "v"}}]}}, {"k": "v"}),
])
def test_values_of_attributes(start, grpc_sink, value, expected):
    apus = start(to_grpc(grpc_sink))
    assert post(apus, "traces", span(attributes=[{"key": "a", "value": value}]))[0] == 200
    assert only_span(grpc_sink).attributes[0] == otlp.attribute("a", expected)


@pytest.mark.parametrize("fields", [
    {"kind": "SPAN_KIND_SERVER"}, {"traceId": "AQIDBAUGBwgJCgsMDQ4PEA=="}, {"traceId": "0102"}, {"spanId": "zz"},
    {"flags": -1}, {"flags": 4294967296}, {"startTimeUnixNano": "1.5"}, {"startTimeUnixNano": "-1"}, {"name": 5},
    {"attributes": {}}, {"status": []}, {"attributes": [{"key": "a", "value": {"boolValue": "true"}}]},
    {"attributes": [{"key": "a", "value": {"bytesValue": "!"}}]},
])
def test_values_of_the_wrong_kind_are_400(start, fields):
    apus = start({"nop": {}})
    status, _, body = post(apus, "traces", span(**fields))
    assert status == 400, body
    assert post(apus, "traces", span())[0] == 200


@pytest.mark.parametrize("text", [
    '{"resourceSpans": [}', '{"resourceSpans": []} x', '{"resourceSpans": [],}', "{'resourceSpans': []}", "nul",
    '{"a": "\\ud800"}', '{"a": "\t"}', '{"a": 01}', '{"a": 1.}', '{"a": +1}', '{"a"}', '"text"', '{"a": "\\x"}', "\ufeff{",
])
def test_broken_json_is_400(start, text):
    apus = start({"nop": {}})
    assert post(apus, "traces", text.encode())[0] == 400


def test_original_names_of_fields_are_not_known(start, grpc_sink):
    """`resource_spans` is an unknown key, and unknown keys are ignored."""
    apus = start(to_grpc(grpc_sink))
    document = span()
    document["resource_spans"] = copy.deepcopy(document["resourceSpans"])
    assert post(apus, "traces", document)[0] == 200
    assert grpc_sink.wait_for_items("traces", 1)


@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_what_is_written(start, http_sink, signal):
    """Hexadecimal ids, numbers for enumerations, strings for 64 bits, names in lowerCamelCase."""
    apus = start(to_http(http_sink, encoding="json", compression="none"))
    seen = []
    original = otlp.from_json

    def remember(document, kind):
        seen.append(document)
        return original(document, kind)

    otlp.from_json = remember
    try:
        export(apus.grpc, signal, otlp.complete(signal))
        http_sink.wait_for_items(signal, otlp.count(otlp.complete(signal)))
    finally:
        otlp.from_json = original
    for key, value in pairs(seen[0]):
        assert "_" not in key
        if key in ("traceId", "spanId", "parentSpanId"):
            assert len(bytes.fromhex(value)) in (8, 16)
        if key.endswith("UnixNano") or key in ("intValue", "asInt", "count", "zeroCount"):
            assert isinstance(value, str) and int(value) is not None
        if key in ("kind", "severityNumber", "aggregationTemporality") or key == "code":
            assert isinstance(value, int)


def pairs(value):
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, item
            yield from pairs(item)
    elif isinstance(value, list):
        for item in value:
            yield from pairs(item)
