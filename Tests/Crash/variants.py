"""What is tried: configurations, and what the backends do meanwhile."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "Interop"))

from conftest import configuration, otlp_receiver  # noqa: E402

RETRY = {"initial_interval": "20ms", "max_interval": "100ms", "max_elapsed_time": "0s"}
QUEUE = {"queue_size": 100_000, "num_consumers": 4}
ANY = ("ok", "ok", "down", "slow", "flapping", "refusing")


@dataclass(frozen=True)
class Variant:
    name: str
    #: Keys of the receiver, such as `ack`.
    receiver: dict = field(default_factory=dict)
    #: Keys of `file_storage`; None is a queue in memory.
    storage: dict | None = field(default_factory=dict)
    processors: dict = field(default_factory=dict)
    exporter: dict = field(default_factory=dict)
    queue: dict = field(default_factory=dict)
    kind: str = "otlp_http"
    #: Clients; where they wait for a batch or a backend it takes many to make a load.
    connections: int = 4
    #: For each backend (and so exporter) the moods from which each round picks one.
    moods: tuple = (ANY,)
    #: How the files are damaged after some kills.
    damage: str | None = None
    #: Whether the configuration changes a little many times in each life.
    reloads: bool = False
    #: Whether an item that was acknowledged must be at every backend in the same moment.
    delivered: bool = False
    #: Whether something has to be lost here, which shows that losses are noticed.
    loses: bool = False

    @property
    def exporters(self):
        return [f"{self.kind}/{index}" for index in range(len(self.moods))]

    def configuration(self, ports, backends, storage):
        """The configuration file for these ports, with the storage in that directory."""
        endpoint = "http://127.0.0.1:{}" if self.kind == "otlp_http" else "127.0.0.1:{}"
        queue = {**QUEUE, **({} if self.storage is None else {"storage": "file_storage"}), **self.queue}
        common = {
            "compression": "none", "retry_on_failure": RETRY, "sending_queue": queue,
            **({"tls": {"insecure": True}} if self.kind == "otlp_grpc" else {}), **self.exporter,
        }
        exporters = {
            name: {"endpoint": endpoint.format(port), **common} for name, port in zip(self.exporters, backends)}
        extensions = {} if self.storage is None else {"file_storage": {
            "directory": str(storage), "create_directory": True, **self.storage}}
        config = configuration(
            ports, exporters, processors=self.processors, extensions=extensions, signals=("logs", "traces"),
            receiver={**otlp_receiver(ports), **self.receiver}, level="info")
        del config["service"]["shutdown_timeout"]  # so that other collectors can run it too
        return config


BATCH = {"batch": {"send_batch_size": 50, "timeout": "50ms"}}
SMALL = {"segment_size": "64KiB"}
HOLDER = {"batch": {"flush_timeout": "50ms", "min_size": 50, "max_size": 200, "sizer": "items"}}

#: In every one of these, nothing may be lost.
VARIANTS = [
    Variant("common keys"),
    Variant("fsync interval", storage={"fsync": "interval", "fsync_interval": "100ms", **SMALL}),
    Variant("fsync always", storage={"fsync": "always", **SMALL}),
    Variant("fsync never", storage={"fsync": "never", **SMALL}),
    Variant("gRPC", kind="otlp_grpc", storage=SMALL),
    Variant("batch processor", storage=SMALL, processors=BATCH, connections=16),
    Variant("batch in the queue", storage=SMALL, queue=HOLDER, connections=16),
    Variant("both batches, fsync always", storage={"fsync": "always", **SMALL}, processors=BATCH, queue=HOLDER,
            connections=16),
    Variant("spill", receiver={"ack": "durable"}, storage=SMALL, queue={"overflow": "spill", "queue_size": 20}),
    Variant("small queue, drop newest", storage=SMALL, queue={"overflow": "drop_newest", "queue_size": 20}),
    Variant("small queue, block", storage=SMALL, queue={"overflow": "block", "queue_size": 20}),
    Variant("one of two backends dead", storage=SMALL, moods=(ANY, ("down",))),
    Variant("two backends, batch", storage=SMALL, moods=(ANY, ANY), processors=BATCH, queue=HOLDER, connections=16),
    Variant("dead letters", storage=SMALL, moods=(("rejecting", "rejecting", "down"),), exporter={
        "on_permanent_error": "dead_letter"}),
    Variant("delivered", receiver={"ack": "delivered"}, delivered=True, connections=16),
    Variant("delivered, batch", receiver={"ack": "delivered"}, processors=BATCH, delivered=True, connections=16),
    Variant("delivered, batch in the queue", receiver={"ack": "delivered"}, queue=HOLDER, delivered=True,
            connections=16),
    Variant("delivered, memory", receiver={"ack": "delivered"}, storage=None, delivered=True, connections=16),
    Variant("delivered, memory, batch, gRPC", receiver={"ack": "delivered"}, storage=None, delivered=True,
            processors=BATCH, kind="otlp_grpc", connections=16),
    Variant("delivered, two backends", receiver={"ack": "delivered"}, delivered=True, moods=(ANY, ("ok", "slow")),
            connections=16),
    Variant("reloads", storage=SMALL, reloads=True),
    Variant("reloads, delivered", receiver={"ack": "delivered"}, reloads=True, delivered=True,
            processors=BATCH, connections=16),
    Variant("torn", storage={"recreate": True, **SMALL}, damage="tear", moods=(("down", "slow", "flapping"),)),
    Variant("bits flipped", storage={"recreate": True, **SMALL}, damage="flip", moods=(("down", "slow", "flapping"),)),
]

DOWN = (("slow", "down"),)
#: In these something has to be lost, or the proof proves nothing.
LOSING = [
    Variant("memory", storage=None, moods=DOWN, loses=True),
    Variant("queued, on disk", storage={"fsync": "always"}, moods=DOWN, receiver={"ack": "queued"}, loses=True),
    Variant("delivered in name only", moods=DOWN, delivered=True, loses=True),
]

#: Those of the short form, a part of every test run.
SHORT = (
    "fsync interval", "fsync always", "gRPC", "batch processor", "batch in the queue", "spill", "small queue, block",
    "one of two backends dead", "dead letters", "delivered, batch", "delivered, memory, batch, gRPC", "reloads", "torn",
    "bits flipped", "memory",
)
