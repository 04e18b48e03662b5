"""CPU seconds that Apus spends on a million log records of the Forward protocol: received, and sent from OTLP.

A message has 512 records of eight fields, in the mode PackedForward, and is acknowledged before the next one is sent on
its connection; four connections send at the same time. Sending is OTLP/gRPC in and Forward out, without compression. Every
run starts a process of its own on core 0; who sends and who is sent to have core 1.
With `--peer NAME=COMMAND` another collector that receives is measured in turn ({config} in the command is the file).
"""

import os
import socketserver
import sys
import threading

from comparison import figures, payloads
from comparison.cases import Case
from comparison.measure import ROOT, cpu, end, free_port, load, settled_cpu, start, wait_for

sys.path.insert(0, str(ROOT / "Tests/Interop"))
import msgpack  # noqa: E402
from forward import ForwardClient, event_time, packed  # noqa: E402

RECORDS, MESSAGES, CONNECTIONS = 512, 400, 4


def message():
    fields = {key: value for key, value in payloads.TEXTS} | dict(payloads.NUMBERS)
    entries = [
        [event_time(1_700_000_000, number), {"message": f"order {number} was placed and paid by card", **fields}]
        for number in range(RECORDS)]
    return packed(entries)


def configuration(receiver, exporter):
    return (
        f"receivers: {{{receiver}}}\nexporters: {{{exporter}}}\n"
        "service:\n  telemetry: {logs: {level: warn}, metrics: {level: none}}\n"
        f"  pipelines: {{logs: {{receivers: [{receiver.split(':')[0]}], exporters: [{exporter.split(':')[0]}]}}}}\n")


def received(command):
    port = free_port()
    collector = start(command, configuration(f'fluent_forward: {{endpoint: "127.0.0.1:{port}"}}', "nop: {}"), "0")
    try:
        wait_for(port, collector)
        entries, before = message(), cpu(collector)

        def send():
            client = ForwardClient(port)
            for number in range(MESSAGES):
                chunk = f"{threading.get_ident()}-{number}"
                client.send(["shop", entries, {"chunk": chunk, "size": RECORDS}])
                answer = client.receive()
                assert answer == {"ack": chunk}, answer

        senders = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        return (settled_cpu(collector) - before) / (RECORDS * MESSAGES * CONNECTIONS / 1e6)
    finally:
        end(collector)


class Sink(socketserver.BaseRequestHandler):
    """Acknowledges every chunk."""

    def handle(self):
        unpacker = msgpack.Unpacker(raw=False, strict_map_key=False, max_buffer_size=1 << 30)
        while part := self.request.recv(1 << 20):
            unpacker.feed(part)
            for _, _, options in unpacker:
                if "chunk" in options:
                    self.request.sendall(msgpack.packb({"ack": options["chunk"]}))


def sent(command):
    ports = {"grpc": free_port(), "http": free_port()}
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    exporter = (
        f'fluent_forward: {{endpoint: "127.0.0.1:{server.server_address[1]}", compression: none,'
        " sending_queue: {queue_size: 100, block_on_overflow: true}}")
    receiver = f'otlp: {{protocols: {{grpc: {{endpoint: "127.0.0.1:{ports["grpc"]}"}}}}}}'
    case = Case("logs", RECORDS)
    body, fields = payloads.body(case)
    collector = start(command, configuration(receiver, exporter), "0")
    try:
        wait_for(ports["grpc"], collector)
        before = cpu(collector)
        load(case, ports["grpc"], body, fields)
        return (settled_cpu(collector) - before) / (case.requests * RECORDS / 1e6)
    finally:
        end(collector)
        server.shutdown()


def main():
    arguments = figures.options(__doc__).parse_args()
    os.sched_setaffinity(0, {1})
    figures.compare({
        "512 records per message, acknowledged → nop": received,
        "OTLP/gRPC, 512 records per request → fluent_forward": sent,
    }, arguments)


if __name__ == "__main__":
    main()
