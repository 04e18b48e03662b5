"""An agent written from the specification of OpAMP, over a WebSocket and over plain HTTP.

It does what it is told and nothing by itself: a test says what it sends, and looks at what comes.
"""

import gzip
import http.client
import time
import uuid

import opamp_messages as opamp
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PATH = "/v1/opamp"
ANSWER_SECONDS = 20


class Agent:
    """What both transports share: the id, and a number for every message."""

    def __init__(self, uid=None, capabilities=opamp.ALL_OF_AGENT, name="foreign"):
        self.uid = uid or opamp.new_uid()
        self.capabilities = capabilities
        self.name = name
        self.sequence = 0

    @property
    def text(self):
        return str(uuid.UUID(bytes=self.uid))

    def message(self, **parts):
        """The next message, with the given fields."""
        self.sequence += 1
        return opamp.AgentToServer(
            instance_uid=self.uid, sequence_num=self.sequence, capabilities=self.capabilities, **parts)

    def report(self, **parts):
        """The next message, with everything that an agent says of itself."""
        message = self.message(
            agent_description=opamp.description(
                service_name=self.name, service_instance_id=self.text, service_version="1.0"), **parts)
        if self.capabilities & opamp.REPORTS_HEALTH and not message.HasField("health"):
            message.health.healthy = True
            message.health.start_time_unix_nano = 1
        if self.capabilities & opamp.REPORTS_EFFECTIVE_CONFIG and not message.HasField("effective_config"):
            message.effective_config.config_map.config_map[""].body = b"receivers: {}\n"
        return message


class WebSocketAgent(Agent):
    def __init__(self, port, headers=None, scheme="ws", tls=None, connected=True, **options):
        super().__init__(**options)
        self.url = f"{scheme}://127.0.0.1:{port}{PATH}"
        self.headers = headers or {}
        self.tls = tls
        self.socket = None
        self.received = []
        if connected:
            self.connect()

    def connect(self, **options):
        self.socket = connect(
            self.url, additional_headers=self.headers, ssl=self.tls, max_size=None, compression=None,
            ping_interval=None, proxy=None, **options)
        return self

    def send(self, message):
        """A message, or bytes as they are."""
        self.socket.send(message if isinstance(message, (bytes, str)) else opamp.frame(message))

    def receive(self, seconds=ANSWER_SECONDS):
        """The next message of the server."""
        data = self.socket.recv(timeout=seconds)
        message = opamp.ServerToAgent.FromString(opamp.unframe(data))
        self.received.append(message)
        return message

    def receive_until(self, condition, seconds=ANSWER_SECONDS):
        """The first message of the server for which `condition` holds; everything is reported when it asks for that."""
        deadline = time.monotonic() + seconds
        while True:
            message = self.receive(max(deadline - time.monotonic(), 0.01))
            if condition(message):
                return message
            if message.flags & opamp.REPORT_FULL_STATE:
                self.send(self.report())

    def ask(self, message):
        """Sends a message and returns the next that comes."""
        self.send(message)
        return self.receive()

    def begin(self, **parts):
        """The first report and its answer."""
        return self.ask(self.report(**parts))

    def close_code(self, seconds=ANSWER_SECONDS):
        """The code with which the server closes."""
        try:
            deadline = time.monotonic() + seconds
            while True:
                self.socket.recv(timeout=max(deadline - time.monotonic(), 0.01))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None

    def close(self):
        if self.socket:
            self.socket.close()


class HTTPAgent(Agent):
    def __init__(self, port, headers=None, **options):
        super().__init__(**options)
        self.port = port
        self.headers = headers or {}

    def post(self, body, **headers):
        """One request with these bytes: status, headers and body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        fields = {
            "Content-Type": "application/x-protobuf", "OpAMP-Instance-UID": self.text, **self.headers,
            **{name.replace("_", "-"): value for name, value in headers.items()}}
        try:
            connection.request("POST", PATH, body=body, headers=fields)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def ask(self, message, **headers):
        """Sends a message and returns the answer."""
        status, fields, body = self.post(message.SerializeToString(), **headers)
        assert status == 200, f"status {status}: {body!r}"
        assert fields["Content-Type"] == "application/x-protobuf"
        if fields["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        return opamp.ServerToAgent.FromString(body)

    def begin(self, **parts):
        return self.ask(self.report(**parts))
