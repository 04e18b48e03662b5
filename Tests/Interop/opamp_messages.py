"""The messages of OpAMP 0.20.

The package of OpenTelemetry for Python has those of an earlier version; what came later is added to its schema here,
field by field, and the protobuf library makes the classes.
"""

import uuid

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from opentelemetry._opamp.proto import anyvalue_pb2, opamp_pb2

_Field = descriptor_pb2.FieldDescriptorProto


def _add(message, number, name, kind, type_name=None, repeated=False):
    if not any(field.name == name for field in message.field):
        message.field.add(
            name=name, number=number, type=kind, type_name=f".opamp.proto.{type_name}" if type_name else None,
            label=_Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL)


def _schema():
    files = []
    for module in (anyvalue_pb2, opamp_pb2):
        file = descriptor_pb2.FileDescriptorProto()
        file.ParseFromString(module.DESCRIPTOR.serialized_pb)
        files.append(file)
    opamp = files[1]
    messages = {message.name: message for message in opamp.message_type}

    def message(name):
        if name not in messages:
            messages[name] = opamp.message_type.add(name=name)
        return messages[name]

    text, raw, inner = _Field.TYPE_STRING, _Field.TYPE_BYTES, _Field.TYPE_MESSAGE
    status = message("ConnectionSettingsStatus")
    _add(status, 1, "last_connection_settings_hash", raw)
    _add(status, 2, "status", _Field.TYPE_ENUM, "RemoteConfigStatuses")  # the same numbers
    _add(status, 3, "error_message", text)
    _add(message("AgentToServer"), 15, "connection_settings_status", inner, "ConnectionSettingsStatus")
    _add(message("ComponentHealth"), 7, "attributes", inner, "KeyValue", repeated=True)
    _add(message("AgentConfigFile"), 3, "role", text)
    tls = message("TLSConnectionSettings")
    _add(tls, 1, "ca_pem_contents", text)
    _add(tls, 2, "include_system_ca_certs_pool", _Field.TYPE_BOOL)
    _add(tls, 3, "insecure_skip_verify", _Field.TYPE_BOOL)
    _add(tls, 4, "min_version", text)
    _add(tls, 5, "max_version", text)
    _add(tls, 6, "cipher_suites", text, repeated=True)
    proxy = message("ProxyConnectionSettings")
    _add(proxy, 1, "url", text)
    _add(proxy, 2, "connect_headers", inner, "Headers")
    for name, first in (
            ("OpAMPConnectionSettings", 5), ("TelemetryConnectionSettings", 4), ("OtherConnectionSettings", 5)):
        _add(message(name), first, "tls", inner, "TLSConnectionSettings")
        _add(message(name), first + 1, "proxy", inner, "ProxyConnectionSettings")
    counters = ("accepted", "delivered", "filtered", "dropped", "refused", "export_failures", "queued")
    flow, pipeline = message("FlowReport"), message("FlowReportPipeline")
    _add(pipeline, 1, "id", text)
    for number, name in enumerate(counters, 1):
        _add(flow, number, name, _Field.TYPE_UINT64)
        _add(pipeline, number + 1, name, _Field.TYPE_UINT64)
    _add(flow, 8, "pipelines", inner, "FlowReportPipeline", repeated=True)
    return files


_pool = descriptor_pool.DescriptorPool()
for _file in _schema():
    _pool.Add(_file) if hasattr(_pool, "Add") else _pool.AddSerializedFile(_file.SerializeToString())


def _message(name):
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"opamp.proto.{name}"))


AgentToServer = _message("AgentToServer")
ServerToAgent = _message("ServerToAgent")
#: What Apus says of its traffic in the custom message `counters` of FLOW.
FlowReport = _message("FlowReport")
FLOW, CONFIG = "io.apus.flow/v1", "io.apus.config/v1"

#: The bits of an agent that does everything, and those of a server.
ALL_OF_AGENT = 0xFFFF
REPORTS_STATUS, ACCEPTS_REMOTE_CONFIG, REPORTS_EFFECTIVE_CONFIG = 0x1, 0x2, 0x4
ACCEPTS_OPAMP_CONNECTION_SETTINGS, ACCEPTS_RESTART_COMMAND, REPORTS_HEALTH = 0x100, 0x400, 0x800
REPORTS_REMOTE_CONFIG, REPORTS_HEARTBEAT, REPORTS_AVAILABLE_COMPONENTS = 0x1000, 0x2000, 0x4000
REPORTS_CONNECTION_SETTINGS_STATUS = 0x8000
ACCEPTS_PACKAGES, REPORTS_PACKAGE_STATUSES = 0x8, 0x10
OFFERS_PACKAGES, ACCEPTS_PACKAGES_STATUS = 0x8, 0x10
INSTALLED, INSTALL_PENDING, INSTALLING, INSTALL_FAILED, DOWNLOADING = range(5)
ALL_OF_SERVER = 0x7F
ACCEPTS_STATUS = 0x1

REPORT_FULL_STATE, REPORT_AVAILABLE_COMPONENTS = 0x1, 0x2
REQUEST_INSTANCE_UID = 0x1
UNSET, APPLIED, APPLYING, FAILED = 0, 1, 2, 3
BAD_REQUEST, UNAVAILABLE = 1, 2


def new_uid():
    """An id of version 7, by the rule of RFC 9562."""
    value = uuid.uuid4().int & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value).bytes


def frame(message):
    """A message as it goes over a WebSocket."""
    return b"\0" + message.SerializeToString()


def unframe(data):
    """The bytes of a message that came over a WebSocket; the header is one varint of zero."""
    assert isinstance(data, bytes), "messages are binary"
    index = 0
    while data[index] == 0x80:
        index += 1
    assert data[index] == 0, f"the header is {data[:index + 1].hex()}"
    return data[index + 1:]


def description(**identifying):
    """The attributes of a description, by name; `_` stands for a dot."""
    filled = AgentToServer().agent_description
    for name, value in identifying.items():
        pair = filled.identifying_attributes.add(key=name.replace("_", "."))
        pair.value.string_value = value
    return filled


def attributes(pairs):
    """Attributes as a dictionary; only texts."""
    return {pair.key: pair.value.string_value for pair in pairs}
