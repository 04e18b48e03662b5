"""Changes of the configuration while data flows: nothing is lost, nothing comes twice, nothing waits.

A loader numbers every item. RELOADS sets how many changes are made (1,000 for a thorough run).
"""

import copy
import http.client
import os
import random
import re
import signal
import socket
import threading
import time

import grpc
import otlp
import pytest
from conftest import configuration
from process import eventually, free_port

CHANGES = int(os.environ.get("RELOADS", "100"))


class Loader:
    """Sends numbered log records as fast as answers come, each until it is acknowledged, and times them.

    `send` gives the reason when a record has to be sent again.
    """

    def __init__(self, name, send):
        self.name, self.send = name, send
        self.acknowledged, self.refusals, self.seconds = [], {}, []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        number = 0
        while not self.stopping.is_set():
            message = otlp.sample("logs", 1, name=f"{self.name}.{number}")
            begin = time.monotonic()
            while refusal := self.send(message):
                self.refusals[refusal] = self.refusals.get(refusal, 0) + 1
                time.sleep(0.01)
            self.seconds.append(time.monotonic() - begin)
            self.acknowledged.append(f"{self.name}.{number}-0")
            number += 1

    def stop(self):
        self.stopping.set()
        self.thread.join(30)
        assert not self.thread.is_alive(), f"{self.name} waits for an answer"


def over_grpc(address):
    """One connection for all requests, as an SDK keeps it."""
    channel = grpc.insecure_channel(address)
    call = channel.unary_unary(
        otlp.SERVICES["logs"].method, request_serializer=lambda m: m.SerializeToString(),
        response_deserializer=lambda raw: raw)

    def send(message):
        try:
            call(message, timeout=30)
            return None
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
            return f"grpc: {error.details()}"

    return send


def over_http(address):
    """One connection that is kept alive; a new one when the server has closed it."""
    connection = http.client.HTTPConnection(address, timeout=30)

    def send(message):
        try:
            connection.request(
                "POST", "/v1/logs", message.SerializeToString(), {"content-type": "application/x-protobuf"})
            response = connection.getresponse()
            body = response.read()
            assert response.status in (200, 503), body
            return None if response.status == 200 else f"http: {body}"
        except (ConnectionError, http.client.HTTPException) as error:
            connection.close()
            return f"http: {type(error).__name__}"

    return send


class Changes:
    """Random changes of a configuration whose pipeline `logs` always leads to the same backend."""

    def __init__(self, base, seed, directory):
        self.base, self.random = base, random.Random(seed)
        self.spare = free_port()
        self.directory = directory
        (directory / "storage").mkdir()

    def valid(self):
        config, choose = copy.deepcopy(self.base), self.random.choice
        exporters = config["exporters"]
        (sink, settings), = exporters.items()
        if choose([True, False]):
            sink = "otlp/other"
            config["exporters"] = exporters = {sink: settings}
        settings["timeout"] = choose(["5s", "10s"])
        settings["sending_queue"] = {"queue_size": choose([5000, 6000]), **choose(
            [{}, {"storage": "file_storage"}, {"batch": {"flush_timeout": "20ms", "min_size": 100}}])}
        config["extensions"] = {"file_storage": {"directory": str(self.directory / "storage")}}
        config["service"]["extensions"] = ["file_storage"]
        processors = choose([{}, {"batch": {"timeout": "10ms"}}, {"batch": {"timeout": "30ms"}},
                             {"batch/a": {"timeout": "10ms"}, "batch/b": {"timeout": "10ms"}}])
        config["processors"] = processors
        receiver = config["receivers"]["otlp"]
        if choose([True, False]):
            receiver["protocols"]["grpc"]["max_recv_msg_size_mib"] = choose([4, 8])
        pipelines = config["service"]["pipelines"]
        pipelines["logs"] = {
            "receivers": ["otlp"], "processors": list(processors), "exporters": [sink]}
        if choose([True, False]):
            exporters["nop"] = {}
            pipelines["logs"]["exporters"].append("nop")
        if choose([True, False]):
            exporters["nop"] = {}
            config["receivers"]["otlp/spare"] = {"protocols": {"http": {"endpoint": f"127.0.0.1:{self.spare}"}}}
            pipelines["traces/spare"] = {"receivers": ["otlp/spare"], "exporters": ["nop"]}
        if choose([True, False]):
            config["connectors"] = {"forward": {}}
            pipelines["logs/in"] = {"receivers": ["otlp"], "exporters": ["forward"]}
            pipelines["logs"]["receivers"] = ["forward"]
        return config

    def invalid(self, taken):
        config = self.valid()
        match self.random.randrange(4):
            case 0:
                config["service"]["pipelines"]["logs"]["exporters"].append("missing")
            case 1:
                config["receivers"]["otlp"]["protocols"]["grpc"]["no_such_key"] = 1
            case 2:
                config["receivers"]["otlp/taken"] = {"protocols": {"http": {"endpoint": f"127.0.0.1:{taken}"}}}
                config["service"]["pipelines"]["logs"]["receivers"].append("otlp/taken")
            case 3:
                config["processors"]["batch"] = {"timeout": "soon"}
        return config


def change(apus, config, outcome):
    """Makes a change and waits for what the log says of it."""
    begin = len(apus.log_file.read_bytes())
    apus.write(config)
    apus.signal(signal.SIGHUP)

    def told():
        with open(apus.log_file, "rb") as log:
            log.seek(begin)
            return re.search(rb"(the new configuration runs)|(stays as it is|does not run)", log.read())

    found = eventually(told, lambda: apus.log[-4000:])
    assert bool(found.group(1)) == outcome, apus.log[-4000:]


def names(sink):
    """Every name that has arrived, with the number of times."""
    found = {}
    for message in sink.accepted("logs"):
        for resource in message.resource_logs:
            for scope in resource.scope_logs:
                for record in scope.log_records:
                    found[record.body.string_value] = found.get(record.body.string_value, 0) + 1
    return found


@pytest.mark.parametrize("seed", [1])
def test_no_item_is_lost_or_comes_twice_while_the_configuration_changes(launch, grpc_sink, tmp_path, seed):
    ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
    base = configuration(
        ports, {"otlp": {"endpoint": grpc_sink.address, "tls": {"insecure": True}}}, signals=("logs",), level="info")
    apus = launch(base, ports)
    taken = Occupied()
    changes = Changes(base, seed, tmp_path)
    loaders = [Loader(f"grpc{n}", over_grpc(apus.grpc)) for n in range(2)]
    loaders += [Loader(f"http{n}", over_http(apus.http)) for n in range(2)]
    for _ in range(CHANGES):
        if changes.random.random() < 0.3:
            change(apus, changes.invalid(taken.port), False)
        else:
            change(apus, changes.valid(), True)
    for loader in loaders:
        loader.stop()
    assert apus.stop() == 0, apus.log
    taken.close()
    arrived = names(grpc_sink)
    sent = {name for loader in loaders for name in loader.acknowledged}
    lost = sent - arrived.keys()
    twice = {name: count for name, count in arrived.items() if count > 1}
    report = (
        f"{CHANGES} changes, {len(sent)} acknowledged, told to try again: {[loader.refusals for loader in loaders]}, "
        f"{len(lost)} lost, {len(twice)} more than once")
    print(report)
    assert len(sent) > 10 * CHANGES, report
    assert not lost, f"{report}: {sorted(lost)[:10]}"
    assert not twice, f"{report}: {sorted(twice.items())[:10]}"


class Occupied:
    """A port that somebody else has."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen()
        self.port = self.socket.getsockname()[1]

    def close(self):
        self.socket.close()
