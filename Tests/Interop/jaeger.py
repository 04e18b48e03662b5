"""Jaeger's protocols: the Thrift classes of jaeger-client, and the messages of api_v2 described here by hand."""

import socket
import time
import urllib.request

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from jaeger_client.thrift_gen.agent.Agent import emitBatch_args
from jaeger_client.thrift_gen.jaeger import ttypes
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.protocol.TCompactProtocol import TCompactProtocol
from thrift.Thrift import TMessageType
from thrift.transport.TTransport import TMemoryBuffer

TAG_TYPES = {str: "STRING", bool: "BOOL", int: "LONG", float: "DOUBLE", bytes: "BINARY"}


class WritesBytes:
    """What the classes, which are older than the library, want: bytes where there is text."""

    def writeString(self, value):
        self.writeBinary(value if isinstance(value, bytes) else value.encode())


class Binary(WritesBytes, TBinaryProtocol):
    pass


class Compact(WritesBytes, TCompactProtocol):
    pass


def tags(values):
    """Tags of Thrift from a dictionary."""
    made = []
    for key, value in values.items():
        kind = TAG_TYPES[type(value)]
        made.append(ttypes.Tag(key=key, vType=getattr(ttypes.TagType, kind)))
        setattr(made[-1], {"STRING": "vStr", "BOOL": "vBool", "LONG": "vLong", "DOUBLE": "vDouble",
                           "BINARY": "vBinary"}[kind], value)
    return made


def span(name, trace=(1, 2), identity=3, parent=0, start=None, values=None, logs=(), references=(), flags=1):
    return ttypes.Span(
        traceIdHigh=trace[0], traceIdLow=trace[1], spanId=identity, parentSpanId=parent, operationName=name,
        flags=flags, startTime=start or int(time.time() * 1e6), duration=1500, tags=tags(values or {}),
        logs=[ttypes.Log(timestamp=at, fields=tags(fields)) for at, fields in logs],
        references=[
            ttypes.SpanRef(refType=kind, traceIdHigh=high, traceIdLow=low, spanId=identity)
            for kind, high, low, identity in references])


def batch(*spans, service="shop", values=None):
    return ttypes.Batch(
        process=ttypes.Process(serviceName=service, tags=tags(values or {})), spans=list(spans))


def encode(message, protocol=Binary):
    buffer = TMemoryBuffer()
    message.write(protocol(buffer))
    return buffer.getvalue()


def call(message, protocol):
    """A call of emitBatch, as it is in one datagram."""
    buffer = TMemoryBuffer()
    output = protocol(buffer)
    output.writeMessageBegin("emitBatch", TMessageType.ONEWAY, 1)
    emitBatch_args(batch=message).write(output)
    output.writeMessageEnd()
    return buffer.getvalue()


def send_datagram(port, data):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(data, ("127.0.0.1", port))


def post(port, data, content_type="application/x-thrift", **headers):
    """The status of a request over HTTP."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/traces?format=jaeger.thrift", data,
        {"content-type": content_type, **headers})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def _messages():
    """The classes of api_v2 (jaeger-idl), from descriptions of their fields: name, number, type, whether repeated."""
    kinds = descriptor_pb2.FieldDescriptorProto
    described = {
        "KeyValue": [
            ("key", 1, "STRING"), ("v_type", 2, "INT32"), ("v_str", 3, "STRING"), ("v_bool", 4, "BOOL"),
            ("v_int64", 5, "INT64"), ("v_float64", 6, "DOUBLE"), ("v_binary", 7, "BYTES")],
        "Time": [("seconds", 1, "INT64"), ("nanos", 2, "INT32")],
        "Log": [("timestamp", 1, "Time"), ("fields", 2, "*KeyValue")],
        "SpanRef": [("trace_id", 1, "BYTES"), ("span_id", 2, "BYTES"), ("ref_type", 3, "INT32")],
        "Process": [("service_name", 1, "STRING"), ("tags", 2, "*KeyValue")],
        "Span": [
            ("trace_id", 1, "BYTES"), ("span_id", 2, "BYTES"), ("operation_name", 3, "STRING"),
            ("references", 4, "*SpanRef"), ("flags", 5, "UINT32"), ("start_time", 6, "Time"),
            ("duration", 7, "Time"), ("tags", 8, "*KeyValue"), ("logs", 9, "*Log"), ("process", 10, "Process"),
            ("process_id", 11, "STRING"), ("warnings", 12, "*STRING")],
        "Batch": [("spans", 1, "*Span"), ("process", 2, "Process")],
        "PostSpansRequest": [("batch", 1, "Batch")],
        "PostSpansResponse": [],
        "SamplingStrategyParameters": [("service_name", 1, "STRING")],
        "Probabilistic": [("rate", 1, "DOUBLE")],
        "RateLimiting": [("max_traces_per_second", 1, "INT32")],
        "SamplingStrategyResponse": [
            ("strategy_type", 1, "INT32"), ("probabilistic", 2, "Probabilistic"),
            ("rate_limiting", 3, "RateLimiting")],
    }
    file = descriptor_pb2.FileDescriptorProto(name="api_v2.proto", package="jaeger.api_v2", syntax="proto3")
    for name, fields in described.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            label = kinds.LABEL_REPEATED if kind.startswith("*") else kinds.LABEL_OPTIONAL
            kind = kind.lstrip("*")
            added = message.field.add(name=field, number=number, label=label)
            if kind in described:
                added.type, added.type_name = kinds.TYPE_MESSAGE, f".jaeger.api_v2.{kind}"
            else:
                added.type = getattr(kinds, f"TYPE_{kind}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"jaeger.api_v2.{name}"))
        for name in described}


api = _messages()


def ask(port, method, request, response):
    """The answer to a call over gRPC."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        return channel.unary_unary(
            f"/jaeger.api_v2.{method}", request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=api[response].FromString)(request, timeout=30)


def post_spans(port, message):
    request = api["PostSpansRequest"](batch=message)
    return ask(port, "CollectorService/PostSpans", request, "PostSpansResponse")
