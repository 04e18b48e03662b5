"""A program that sends as fast as it can and never waits when it is told to: senders out of control.

Each message carries a name of its own, so that what was acknowledged can be looked for at the other end. Prints what
became of the messages, as JSON, when its time is over.
"""

import argparse
import gzip
import json
import socket
import threading
import time

import grpc
import otlp

#: How long a sender waits for an answer before it would send the same again.
PATIENCE = 30


class Tally:
    """What became of the messages of all connections of this program."""

    def __init__(self):
        self.lock = threading.Lock()
        self.acknowledged, self.counts, self.errors = [], {}, {}

    def count(self, outcome, name=None, error=None):
        with self.lock:
            self.counts[outcome] = self.counts.get(outcome, 0) + 1
            if outcome == "acknowledged":
                self.acknowledged.append(name)
            if error and len(self.errors) < 20:
                self.errors[error] = self.errors.get(error, 0) + 1


class Messages:
    """Messages of about `size` bytes: the same filling, and one record with a name."""

    def __init__(self, prefix, size, compression):
        self.prefix, self.compression = prefix, compression
        count = max(1, size // 100)
        filling = otlp.sample("logs", count, name="x" * max(1, size // count - 40)).SerializeToString()
        self.filling = self.packed(filling)

    def packed(self, raw):
        # Members of gzip, like messages of protobuf, may follow each other.
        return gzip.compress(raw, 1) if self.compression == "gzip" else raw

    def make(self, number):
        name = f"<{self.prefix}.{number}>"
        return name, self.filling + self.packed(otlp.sample("logs", 1, name=name).SerializeToString())


class HTTPConnection:
    """Just enough of HTTP/1.1: a library would be the bottleneck."""

    def __init__(self, address, compression):
        host, port = address.rsplit(":", 1)
        self.target = host, int(port)
        encoding = f"content-encoding: {compression}\r\n" if compression else ""
        self.head = (
            f"POST /v1/logs HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-protobuf\r\n{encoding}"
            "content-length: ").encode()
        self.socket = None

    def send(self, body):
        """The outcome and, for a failure, what is wrong with it."""
        try:
            if self.socket is None:
                self.socket = socket.create_connection(self.target, timeout=PATIENCE)
                self.reader = self.socket.makefile("rb")
            self.socket.sendall(self.head + str(len(body)).encode() + b"\r\n\r\n" + body)
            return self.answer()
        except TimeoutError:
            self.close()
            return "timeout", None
        except OSError as error:
            self.close()
            return "broken", f"{type(error).__name__}: {error}"

    def answer(self):
        line = self.reader.readline()
        if not line:
            raise ConnectionResetError("closed without an answer")
        status, fields = int(line.split()[1]), {}
        while (line := self.reader.readline()) not in (b"\r\n", b""):
            key, value = line.decode().split(":", 1)
            fields[key.lower()] = value.strip()
        text = self.reader.read(int(fields.get("content-length", 0)))
        if fields.get("connection") == "close":
            self.close()
        if status == 200:
            return "acknowledged", None
        if status == 503 and "retry-after" in fields:
            return "refused", None
        return "failed", f"{status} {text[:200]!r}"

    def close(self):
        if self.socket is not None:
            self.reader.close()
            self.socket.close()
            self.socket = None


class GRPCConnection:
    def __init__(self, address, compression):
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
        self.channel = grpc.insecure_channel(address, options=options)
        self.call = self.channel.unary_unary(otlp.SERVICES["logs"].method, lambda raw: raw, lambda raw: raw)
        self.compression = {"gzip": grpc.Compression.Gzip}.get(compression)

    def send(self, body):
        try:
            self.call(body, timeout=PATIENCE, compression=self.compression)
            return "acknowledged", None
        except grpc.RpcError as error:
            outcomes = {grpc.StatusCode.UNAVAILABLE: "refused", grpc.StatusCode.DEADLINE_EXCEEDED: "timeout"}
            outcome = outcomes.get(error.code(), "failed")
            return outcome, f"{error.code()} {error.details()}"

    def close(self):
        self.channel.close()


def flood(arguments, index, deadline, tally):
    kind = GRPCConnection if arguments.protocol == "grpc" else HTTPConnection
    connection = kind(arguments.address, arguments.compression)
    # grpcio compresses by itself.
    compression = None if arguments.protocol == "grpc" else arguments.compression
    messages = Messages(f"{arguments.name}.{index}", arguments.size, compression)
    number = 0
    while time.monotonic() < deadline:
        number += 1
        name, body = messages.make(number)
        outcome, error = connection.send(body)
        tally.count(outcome, name, error)
        if outcome == "broken":
            time.sleep(0.1)
    connection.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--protocol", choices=["http", "grpc"], required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--compression")
    arguments = parser.parse_args()
    tally, deadline = Tally(), time.monotonic() + arguments.seconds
    threads = [
        threading.Thread(target=flood, args=(arguments, index, deadline, tally))
        for index in range(arguments.connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"acknowledged": tally.acknowledged, "counts": tally.counts, "errors": tally.errors}))


if __name__ == "__main__":
    main()
