"""Metrics of the host: what the real program says about this machine, beside what psutil says."""

import os
import time

import psutil
import pytest
from conftest import to_grpc
from process import eventually, free_port

SECOND = 10**9


@pytest.fixture
def measure(launch, grpc_sink):
    """Starts Apus with scrapers of the host; gives it and what it has sent since."""

    def measure(scrapers, **settings):
        ports = {"metrics": free_port()}
        page = {"host": "127.0.0.1", "port": ports["metrics"], "without_type_suffix": True, "without_units": True,
                "without_scope_info": True}
        apus = launch({
            "receivers": {"host_metrics": {
                "collection_interval": "300ms", "initial_delay": "0s", "scrapers": scrapers, **settings}},
            "exporters": to_grpc(grpc_sink),
            "service": {
                "telemetry": {"metrics": {"readers": [{"pull": {"exporter": {"prometheus": page}}}]}},
                "pipelines": {"metrics": {"receivers": ["host_metrics"], "exporters": ["otlp_grpc"]}},
            },
        }, ports)
        return apus

    return measure


def plain(attributes):
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


class Scrape:
    """One scrape: points by the name of the metric, with their attributes and their resource."""

    def __init__(self, message):
        self.metrics, self.scopes, self.points = {}, {}, {}
        for resource in message.resource_metrics:
            about = plain(resource.resource.attributes)
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    self.metrics[metric.name] = metric
                    self.scopes[metric.name] = scope.scope
                    for point in getattr(metric, metric.WhichOneof("data")).data_points:
                        self.points.setdefault(metric.name, []).append((plain(point.attributes), point, about))

    def values(self, name, *keys):
        """The values of a metric by some of its attributes."""
        return {tuple(attributes.get(key) for key in keys): getattr(point, point.WhichOneof("value"))
                for attributes, point, _ in self.points[name]}

    def value(self, name):
        return self.values(name)[()]


def scrapes(sink):
    return [Scrape(message) for message in sink.accepted("metrics")]


def next_scrape(sink):
    """A scrape that began after the call."""
    before = len(sink.accepted("metrics"))
    # The next one may have been under way.
    eventually(lambda: len(sink.accepted("metrics")) >= before + 2, "no further scrape")
    return scrapes(sink)[before + 1]


def between(low, value, high, slack=0):
    assert low - slack <= value <= high + slack, (low, value, high)


def test_processors(measure, grpc_sink):
    measure({"cpu": {"metrics": {
        "system.cpu.time": {"attributes": ["cpu", "state"]}, "system.cpu.utilization": {"enabled": True},
        "system.cpu.physical.count": {"enabled": True}}},
        "load": None, "system": None})
    eventually(lambda: len(scrapes(grpc_sink)) > 1, "no scrape")
    before = psutil.cpu_times(percpu=True)
    scrape = next_scrape(grpc_sink)
    after = psutil.cpu_times(percpu=True)
    names = {"user": "user", "system": "system", "idle": "idle", "interrupt": "irq", "nice": "nice",
             "softirq": "softirq", "steal": "steal", "wait": "iowait"}
    times = scrape.values("system.cpu.time", "cpu", "state")
    assert len(times) == len(before) * len(names)
    for number, (low, high) in enumerate(zip(before, after)):
        for state, name in names.items():
            # psutil takes the time of guests out of that of users; iowait and idle may go back a little.
            guest = low.guest if state == "user" else low.guest_nice if state == "nice" else 0
            between(getattr(low, name) + guest, times[f"cpu{number}", state], getattr(high, name) + guest, 0.3)
    assert scrape.value("system.cpu.logical.count") == psutil.cpu_count()
    assert scrape.value("system.cpu.physical.count") == psutil.cpu_count(logical=False)
    shares = scrape.values("system.cpu.utilization", "state")
    assert sum(shares.values()) == pytest.approx(1, abs=0.02)
    start = scrape.points["system.cpu.time"][0][1].start_time_unix_nano
    assert start / SECOND == pytest.approx(psutil.boot_time(), abs=2)
    between(0, scrape.value("system.cpu.load_average.1m"), psutil.getloadavg()[0] + 20)
    assert scrape.value("system.uptime") == pytest.approx(time.time() - psutil.boot_time(), abs=5)
    scope = scrape.scopes["system.uptime"]
    assert scope.name.endswith("hostmetricsreceiver/internal/scraper/systemscraper") and scope.version


def test_memory_and_paging(measure, grpc_sink):
    measure({"memory": {"metrics": {
        name: {"enabled": True} for name in ("system.memory.limit", "system.memory.page_size",
                                             "system.linux.memory.available", "system.memory.linux.shared")}},
        "paging": None})
    eventually(lambda: scrapes(grpc_sink), "no scrape")
    scrape, memory = next_scrape(grpc_sink), psutil.virtual_memory()
    states = scrape.values("system.memory.usage", "state")
    assert scrape.value("system.memory.limit") == memory.total
    assert scrape.value("system.memory.page_size") == os.sysconf("SC_PAGESIZE")
    slack = memory.total // 10
    between(memory.available, scrape.value("system.linux.memory.available"), memory.available, slack)
    between(memory.total - memory.available, states["used",], memory.total - memory.available, slack)
    for state, value in {"free": memory.free, "buffered": memory.buffers, "cached": memory.cached}.items():
        between(value, states[state,], value, slack)
    between(memory.shared, scrape.value("system.memory.linux.shared"), memory.shared, slack)
    assert {state for state, in states} == {
        "used", "free", "buffered", "cached", "slab_reclaimable", "slab_unreclaimable"}
    swap = psutil.swap_memory()
    if swap.total:
        used = sum(value for (state,), value in scrape.values("system.paging.usage", "state").items())
        between(swap.total, used, swap.total, 1 << 20)
    operations = scrape.values("system.paging.operations", "direction", "type")
    between(0, operations["page_in", "major"] * 4096, swap.sin)
    assert scrape.values("system.paging.faults", "type")["minor",] > 0


def test_disks_and_network(measure, grpc_sink):
    measure({"disk": None, "network": {"exclude": {"match_type": "regexp", "interfaces": ["^ifb"]}}})
    eventually(lambda: scrapes(grpc_sink), "no scrape")
    disks, interfaces = psutil.disk_io_counters(perdisk=True), psutil.net_io_counters(pernic=True, nowrap=False)
    scrape = next_scrape(grpc_sink)
    disks_after = psutil.disk_io_counters(perdisk=True, nowrap=False)
    after = psutil.net_io_counters(pernic=True, nowrap=False)
    io = scrape.values("system.disk.io", "device", "direction")
    for device, low in disks.items():
        if not any(low):
            continue
        high = disks_after[device]
        between(low.read_bytes, io[device, "read"], high.read_bytes)
        between(low.write_bytes, io[device, "write"], high.write_bytes)
        operations = scrape.values("system.disk.operations", "device", "direction")
        between(low.write_count, operations[device, "write"], high.write_count)
        between(low.busy_time / 1000, scrape.values("system.disk.io_time", "device")[device,], high.busy_time / 1000)
    traffic = scrape.values("system.network.io", "device", "direction")
    assert {device for device, _ in traffic} == {name for name in interfaces if not name.startswith("ifb")}
    for (device, direction), value in traffic.items():
        name = {"transmit": "bytes_sent", "receive": "bytes_recv"}[direction]
        between(getattr(interfaces[device], name), value, getattr(after[device], name))
    connections = scrape.values("system.network.connections", "state")
    listening = [one for one in psutil.net_connections("tcp") if one.status == "LISTEN"]
    between(len(listening), connections["LISTEN",], len(listening), 3)


def test_file_systems(measure, grpc_sink):
    measure({"filesystem": {"metrics": {"system.filesystem.utilization": {"enabled": True}}}})
    eventually(lambda: scrapes(grpc_sink), "no scrape")
    scrape, usage = next_scrape(grpc_sink), psutil.disk_usage("/")
    states = scrape.values("system.filesystem.usage", "mountpoint", "state")
    slack = usage.total // 50
    between(usage.used, states["/", "used"], usage.used, slack)
    between(usage.free, states["/", "free"], usage.free, slack)
    assert sum(states["/", state] for state in ("used", "free", "reserved")) == usage.total
    between(usage.percent / 100, scrape.values("system.filesystem.utilization", "mountpoint")["/",],
            usage.percent / 100, 0.02)
    (attributes,) = [one for one, *_ in scrape.points["system.filesystem.usage"]
                     if (one["mountpoint"], one["state"]) == ("/", "used")]
    root = [one for one in psutil.disk_partitions() if one.mountpoint == "/"][-1:]
    if root:
        assert (attributes["type"], attributes["mode"]) == (root[0].fstype, root[0].opts.split(",")[0])


def test_processes(measure, grpc_sink):
    options = {name: {"enabled": True} for name in (
        "process.threads", "process.open_file_descriptors", "process.uptime", "process.memory.utilization",
        "process.paging.faults", "process.context_switches", "process.disk.operations", "process.cpu.utilization")}
    apus = measure({"processes": None, "process": {
        "metrics": options, "mute_process_all_errors": True,
        "resource_attributes": {"process.cgroup": {"enabled": True}}}})
    eventually(lambda: len(scrapes(grpc_sink)) > 1, "no scrape")
    me = psutil.Process()
    before = me.cpu_times()
    scrape = next_scrape(grpc_sink)
    after = me.cpu_times()

    def of(pid, name):
        return [(attributes, getattr(point, point.WhichOneof("value")), point, about)
                for attributes, point, about in scrape.points.get(name, []) if about["process.pid"] == pid]

    times = {attributes["state"]: value for attributes, value, *_ in of(me.pid, "process.cpu.time")}
    between(before.user, times["user"], after.user, 0.02)
    between(before.system, times["system"], after.system, 0.02)
    (_, rss, point, about), = of(me.pid, "process.memory.usage")
    between(me.memory_info().rss, rss, me.memory_info().rss, 20 << 20)
    assert point.start_time_unix_nano / SECOND == pytest.approx(me.create_time(), abs=2)
    assert about["process.parent_pid"] == me.ppid()
    assert about["process.executable.name"] == me.name()
    assert about["process.executable.path"] == me.exe()
    assert about["process.command_line"] == " ".join(me.cmdline())
    assert about["process.command"] == me.cmdline()[0]
    assert about["process.owner"] == me.username()
    assert about["process.cgroup"]
    (_, threads, *_), = of(me.pid, "process.threads")
    between(me.num_threads(), threads, me.num_threads(), 8)
    (_, files, *_), = of(me.pid, "process.open_file_descriptors")
    between(me.num_fds(), files, me.num_fds(), 10)
    (_, uptime, *_), = of(me.pid, "process.uptime")
    assert uptime == pytest.approx(time.time() - me.create_time(), abs=5)
    io = {attributes["direction"]: value for attributes, value, *_ in of(me.pid, "process.disk.io")}
    between(0, io["read"], me.io_counters().read_bytes)
    assert of(apus.process.pid, "process.cpu.utilization")
    seen = {about["process.pid"] for _, _, about in scrape.points["process.cpu.time"]}
    assert len(seen & set(psutil.pids())) > len(psutil.pids()) * 0.7
    counts = scrape.values("system.processes.count", "status")
    between(len(psutil.pids()), sum(counts.values()), len(psutil.pids()), 40)
    assert scrape.value("system.processes.created") > 0


def test_a_host_that_is_mounted_elsewhere(measure, grpc_sink, tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "uptime").write_text("77.5 1.0\n")
    (tmp_path / "proc" / "stat").write_text("cpu0 1 2 3 4 5 6 7 8\nbtime 1700000000\n")
    apus = measure({"system": None, "load": None, "cpu": None}, root_path=str(tmp_path))
    eventually(lambda: scrapes(grpc_sink), "no scrape")
    scrape = scrapes(grpc_sink)[0]
    assert scrape.value("system.uptime") == 77.5
    assert scrape.points["system.cpu.time"][0][1].start_time_unix_nano == 1_700_000_000 * SECOND
    apus.wait_for_log(r"could not scrape everything.*loadavg")
    assert apus.metric("otelcol_scraper_errored_metric_points", scraper="load") >= 3
    assert apus.metric("otelcol_scraper_scraped_metric_points", scraper="cpu") >= 9
    assert apus.stop() == 0
