"""A server written from the specification of OpAMP, over WebSockets and over plain HTTP.

It answers every message with what the test scripted, or with an empty message, and keeps what came. A script is a
function of the message; it returns a ServerToAgent, bytes as they are, `None` for the empty answer, `False` for none at all
(WebSocket), or a `Refusal` (plain HTTP).
"""

import http.server
import threading
import time
import uuid
from dataclasses import dataclass, field

import opamp_messages as opamp
from process import eventually
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response
from websockets.datastructures import Headers
from websockets.sync.server import serve


@dataclass
class Refusal:
    """An answer of HTTP instead of a message."""

    status: int
    headers: dict = field(default_factory=dict)


@dataclass
class Received:
    """A message that came."""

    message: object
    #: From the beginning of the server.
    time: float
    #: Counts connections of WebSockets from 1; of HTTP it is 0.
    connection: int
    headers: dict


class OpAMPServer:
    """What both transports share."""

    def __init__(self, capabilities=opamp.ALL_OF_SERVER, custom=None):
        self.capabilities = capabilities
        #: The custom messages it says it knows; `None` says nothing.
        self.custom = custom
        self.script = lambda received: None
        self.received = []
        self.lock = threading.Lock()
        self.begin = time.monotonic()

    @property
    def now(self):
        return time.monotonic() - self.begin

    def answer(self, message):
        """An empty answer to a message, with what every answer has."""
        answer = opamp.ServerToAgent(instance_uid=message.instance_uid, capabilities=self.capabilities)
        if self.custom is not None:
            answer.custom_capabilities.capabilities.extend(self.custom)
        return answer

    def take(self, data, connection, headers):
        """Keeps a message and returns the answer."""
        message = opamp.AgentToServer.FromString(data)
        assert len(message.instance_uid) == 16, "an id has 16 bytes"
        received = Received(message, self.now, connection, headers)
        with self.lock:
            self.received.append(received)
        answer = self.script(received)
        return self.answer(message) if answer is None else answer

    def messages(self, condition=lambda message: True):
        with self.lock:
            return [received.message for received in self.received if condition(received.message)]

    def wait_for(self, condition, what="a message", seconds=20):
        """The first message for which `condition` holds."""
        return eventually(
            lambda: next(iter(self.messages(condition)), None),
            lambda: f"{what}; these came: {self.messages()}", seconds)

    def check_numbers(self):
        """That the numbers of all messages of each agent go up by one; a message that is sent again keeps its own."""
        by_agent = {}
        for message in self.messages():
            by_agent.setdefault(message.instance_uid, []).append(message)
        for uid, messages in by_agent.items():
            numbers = [message.sequence_num for message in messages]
            for before, after in zip(messages, messages[1:]):
                repeated = after.SerializeToString() == before.SerializeToString()
                assert repeated or after.sequence_num == before.sequence_num + 1, (uuid.UUID(bytes=uid), numbers)


class WebSocketServer(OpAMPServer):
    def __init__(self, port=0, tls=None, **options):
        super().__init__(**options)
        #: Called with the request before a WebSocket is opened; a `Refusal` refuses it.
        self.door = lambda request: None
        self.sockets = []
        self.connections = 0
        #: The codes with which agents closed, in order; `None` without a close frame.
        self.closes = []
        self.server = serve(
            self._serve, "127.0.0.1", port, process_request=self._process, max_size=None, compression=None,
            ping_interval=None, ssl=tls)
        self.port = self.server.socket.getsockname()[1]
        self.url = f"{'wss' if tls else 'ws'}://127.0.0.1:{self.port}/v1/opamp"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def _process(self, connection, request):
        refusal = self.door(request)
        if refusal is None:
            return None
        return Response(refusal.status, "Refused", Headers({**refusal.headers, "Content-Length": "0"}), b"")

    def _serve(self, socket):
        with self.lock:
            self.connections += 1
            number = self.connections
            self.sockets.append(socket)
        headers = dict(socket.request.headers.raw_items())
        try:
            while True:
                answer = self.take(opamp.unframe(socket.recv()), number, headers)
                if answer is False:
                    continue
                try:
                    socket.send(answer if isinstance(answer, (bytes, str)) else opamp.frame(answer))
                except ConnectionClosed:
                    # There may be more to read that came before the close.
                    pass
        except ConnectionClosed as closed:
            with self.lock:
                self.closes.append(closed.rcvd.code if closed.rcvd else None)

    def push(self, change=lambda message: None, uid=None):
        """Sends a message that nobody asked for over the newest connection."""
        message = opamp.ServerToAgent(instance_uid=uid or self.messages()[-1].instance_uid)
        change(message)
        self.sockets[-1].send(opamp.frame(message))

    def drop(self, code=1012):
        """Closes the newest connection."""
        self.sockets[-1].close(code)

    def close(self):
        self.server.shutdown()
        for socket in self.sockets:
            try:
                socket.close_socket()
            except OSError:
                pass


class HTTPServer(OpAMPServer):
    def __init__(self, port=0, **options):
        super().__init__(**options)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = outer.take(body, 0, dict(self.headers))
                if isinstance(answer, Refusal):
                    return self._respond(answer.status, answer.headers, b"")
                data = answer if isinstance(answer, bytes) else answer.SerializeToString()
                self._respond(200, {"Content-Type": "application/x-protobuf"}, data)

            def _respond(self, status, headers, body):
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/v1/opamp"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
