"""What is measured, and what is to be reached: CPU seconds for a million items, as a part of a peer's."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    signal: str
    items: int  # of one request
    send: str | None = None  # None: to `nop`; "none" or "gzip": batched, then OTLP/gRPC with this compression
    protocol: str = "grpc"  # how it is received: grpc, http (protobuf), json
    gzip_in: bool = False
    edits: bool = False  # memory_limiter, four edits of attributes and a filter before it
    goals: dict = field(default_factory=dict, hash=False)

    @property
    def name(self):
        receive = {"grpc": "", "http": " by OTLP/HTTP", "json": " by OTLP/HTTP JSON"}[self.protocol]
        steps = "memory_limiter, 4 edits, filter, batch → " if self.edits else "batch → "
        target = "nop" if self.send is None else f"{steps}OTLP/gRPC" + (", gzip" if self.send == "gzip" else "")
        return f"{self.signal}, {self.items} per request{receive}{', gzip' if self.gzip_in else ''} → {target}"

    @property
    def requests(self):
        """As many as make some seconds of CPU time on a slow machine."""
        return 3000 if self.items > 100 else 40000


def _signal(signal, nop, forward, small, gzip):
    return [
        Case(signal, 512, goals=nop),
        Case(signal, 10),
        Case(signal, 512, "none", goals={**forward, "limit": 2}),
        Case(signal, 10, "none", goals={**small, "limit": 2}),
        Case(signal, 512, "gzip", goals=gzip),
        Case(signal, 512, "gzip", gzip_in=True, goals=gzip),
    ]


CASES = [
    *_signal("traces", {"otelcol": 1 / 6}, {"otelcol": 1 / 7, "rotel": 1 / 12}, {"otelcol": 1 / 8}, {"otelcol": 1 / 5}),
    *_signal("metrics", *[{"otelcol": 1 / 5}] * 4),
    *_signal("logs", *[{"otelcol": 1 / 4}] * 4),
    Case("traces", 512, "none", "http", goals={"otelcol": 1 / 5}),
    Case("traces", 512, "none", "json", goals={"otelcol": 1 / 4}),
    Case("traces", 512, "none", edits=True),
]
