"""The Forward protocol of Fluentd (specification v1), with the msgpack package: a client and a server for tests."""

import gzip
import hashlib
import os
import socket
import socketserver
import ssl
import struct
import threading

import msgpack


def event_time(seconds, nanoseconds=0):
    return msgpack.ExtType(0, struct.pack(">II", seconds, nanoseconds))


def digest(*parts):
    return hashlib.sha512(b"".join(part.encode() if isinstance(part, str) else part for part in parts)).hexdigest()


def packed(entries, compress=False):
    """Entries as the modes PackedForward and CompressedPackedForward have them; each its own gzip member."""
    each = [msgpack.packb(entry) for entry in entries]
    return b"".join(gzip.compress(one) for one in each) if compress else b"".join(each)


class ForwardClient:
    """A client that does what out_forward of Fluentd does."""

    def __init__(self, port, shared_key=None, user=None, password=None, tls=None, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=30)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.unpacker = msgpack.Unpacker(raw=False)
        self.accepted, self.reason = None, None
        if shared_key is not None:
            self.introduce(shared_key, user, password)

    def introduce(self, shared_key, user, password):
        kind, options = self.receive()
        assert kind == "HELO" and options["keepalive"] is True
        salt, nonce = os.urandom(16), options["nonce"]
        name, proof = "", ""
        if options["auth"]:
            name, proof = user or "", digest(options["auth"], user or "", password or "")
        self.send(["PING", "client", salt, digest(salt, "client", nonce, shared_key), name, proof])
        kind, self.accepted, self.reason, host, proof = self.receive()
        assert kind == "PONG"
        if self.accepted:
            assert proof == digest(salt, host, nonce, shared_key)

    def send(self, message):
        self.socket.sendall(msgpack.packb(message))

    def receive(self):
        """The next message; None when the connection has ended."""
        while True:
            for message in self.unpacker:
                return message
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self.unpacker.feed(data)

    def deliver(self, message, chunk, **option):
        """Sends a message and waits until its chunk is acknowledged; None when the server went away instead."""
        self.send([*message, {**option, "chunk": chunk}])
        return self.receive()

    def close(self):
        self.socket.close()


class ForwardServer:
    """A server that does what in_forward of Fluentd does, and keeps what it gets."""

    def __init__(self, shared_key=None, users=None):
        self.shared_key, self.users = shared_key, users or {}
        self.messages, self.lock = [], threading.Lock()
        #: Messages that get no acknowledgement: their connection is closed instead.
        self.refusals = 0
        server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                server.serve(self.request)

        class Listener(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.port = self.listener.server_address[1]
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def serve(self, connection):
        unpacker = msgpack.Unpacker(raw=False, strict_map_key=False)
        greeting = None
        if self.shared_key is not None:
            greeting = os.urandom(16), os.urandom(16) if self.users else b""
            connection.sendall(msgpack.packb(["HELO", {"nonce": greeting[0], "auth": greeting[1], "keepalive": True}]))
        while True:
            try:
                data = connection.recv(65536)
            except OSError:
                return
            if not data:
                return
            unpacker.feed(data)
            for message in unpacker:
                if greeting:
                    if not self.greet(connection, message, *greeting):
                        return
                    greeting = None
                    continue
                with self.lock:
                    if self.refusals:
                        self.refusals -= 1
                        return
                    self.messages.append(message)
                if chunk := message[2].get("chunk"):
                    connection.sendall(msgpack.packb({"ack": chunk}))

    def greet(self, connection, ping, nonce, auth):
        kind, host, salt, proof, user, password = ping
        known = kind == "PING" and proof == digest(salt, host, nonce, self.shared_key)
        if known and self.users:
            known = user in self.users and password == digest(auth, user, self.users[user])
        connection.sendall(msgpack.packb([
            "PONG", known, "" if known else "shared_key mismatch", "server",
            digest(salt, "server", nonce, self.shared_key) if known else ""]))
        return known

    def entries(self):
        """What came: (tag, time in nanoseconds, record)."""
        with self.lock:
            messages = list(self.messages)
        found = []
        for tag, data, option in messages:
            if option.get("compressed") == "gzip":
                data = gzip.decompress(data)
            unpacker = msgpack.Unpacker(raw=False)
            unpacker.feed(data)
            entries = list(unpacker)
            assert option["size"] == len(entries)
            for stamp, record in entries:
                seconds, nanoseconds = struct.unpack(">II", stamp.data)
                found.append((tag, seconds * 10**9 + nanoseconds, record))
        return found

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()


def heartbeat(port):
    """What comes back for a heartbeat over UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(20)
        probe.sendto(b"\0", ("127.0.0.1", port))
        return probe.recvfrom(16)[0]


def client_tls(authority):
    return ssl.create_default_context(cafile=authority)
