"""Messages in which every item says which one it is, and from which one can tell whether it was altered."""

import random
import re
import zlib

import otlp

SIGNALS = ("logs", "traces")
#: Item n belongs to request n // PER_REQUEST.
PER_REQUEST = 100
#: How an item looks in a file: its name is written as it is.
MARKER = re.compile(rb"item-(\d{12})")


def message(signal, request, count):
    """A message with the items `request * PER_REQUEST` and following, and their numbers."""
    numbers = range(request * PER_REQUEST, request * PER_REQUEST + count)
    result = otlp.SERVICES[signal].request()
    if signal == "logs":
        scope = result.resource_logs.add().scope_logs.add()
    else:
        scope = result.resource_spans.add().scope_spans.add()
    scope.scope.name = "crash"
    for number in numbers:
        name, padding = f"item-{number:012d}", _padding(number)
        if signal == "logs":
            item = scope.log_records.add(time_unix_nano=10**18 + number, severity_number=9)
            item.body.string_value = name
        else:
            item = scope.spans.add(
                trace_id=number.to_bytes(16, "big"), span_id=(number + 1).to_bytes(8, "big"), name=name,
                start_time_unix_nano=10**18 + number, end_time_unix_nano=10**18 + number + 1)
        item.attributes.add(key="padding").value.string_value = padding
        item.attributes.add(key="sum").value.int_value = _sum(name, padding)
    return result.SerializeToString(), numbers


def read(received):
    """The numbers of the items of a message, and the items that are not as they were sent."""
    numbers, altered = [], []
    resources = received.resource_logs if "Logs" in type(received).__name__ else received.resource_spans
    for resource in resources:
        for scope in resource.scope_logs if hasattr(resource, "scope_logs") else resource.scope_spans:
            for item in scope.log_records if hasattr(scope, "log_records") else scope.spans:
                number = _number(item)
                (altered if number is None else numbers).append(str(item)[:500] if number is None else number)
    return numbers, altered


def _number(item):
    """The number of an item; None when it is not as it was sent."""
    name = item.body.string_value if hasattr(item, "body") else item.name
    values = {attribute.key: attribute.value for attribute in item.attributes}
    if set(values) != {"padding", "sum"} or not MARKER.fullmatch(name.encode()):
        return None
    number = int(name[5:])
    time = item.time_unix_nano if hasattr(item, "body") else item.start_time_unix_nano
    padding = values["padding"].string_value
    return number if _sum(name, padding) == values["sum"].int_value and time == 10**18 + number else None


def _padding(number):
    """Text of 0 to 400 bytes, the same for the same number."""
    return format(random.Random(number).getrandbits(1600), "0400x")[:number * 7919 % 401]


def _sum(name, padding):
    return zlib.crc32(f"{name}\0{padding}".encode())
