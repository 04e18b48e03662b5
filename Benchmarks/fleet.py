"""What a fleet manager takes for so many agents, and how fast it is: the goals of its scale, one by one.

    AGENTS=100000 Benchmarks/run fleet

The manager is one process, the agents another (Benchmarks/Fleet), and this is a third. AGENTS says how many there are,
PER_CONNECTION how many share a connection (as few as the limits of the system let be), SECONDS how long heartbeats are
counted, PIN=1 puts the manager on core 0 and the agents on core 1 while latencies are measured.
"""

import collections
import datetime
import http.client
import json
import math
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests/Interop"))

from fleet_scale import Client, Manager, Simulator, configuration, configuration_hash, descriptors  # noqa: E402
from process import eventually  # noqa: E402

AGENTS = int(os.environ.get("AGENTS", 100_000))
SECONDS = int(os.environ.get("SECONDS", 60))
HEARTBEAT = 30
HONEST = "fleet=simulated"
#: Files of a manager that are not connections of agents.
SPARE = 400


def percentile(values, share):
    values = sorted(values)
    return values[min(int(len(values) * share), len(values) - 1)]


def milliseconds(values):
    return f"p50 {percentile(values, 0.5) * 1e3:.1f} ms, p99 {percentile(values, 0.99) * 1e3:.1f} ms"


def say(text):
    print(f"[{time.monotonic() - BEGIN:6.1f} s] {text}", flush=True)


BEGIN = time.monotonic()


def set_up_limits():
    """How many agents have to share a connection; says what to set for none to."""
    for name, value in (("net/core/somaxconn", 65535), ("net/ipv4/tcp_max_syn_backlog", 65535)):
        file = Path("/proc/sys") / name
        if file.exists() and int(file.read_text()) < value:
            try:
                file.write_text(str(value))
            except OSError:
                say(f"{name.replace('/', '.')} is {file.read_text().strip()}; set it to {value} for quick connecting")
    files = descriptors()
    # The manager keeps a part of its files for everything but agents.
    shared = math.ceil(AGENTS / max(files * 3 // 4 - SPARE, 1))
    if shared > 1:
        say(f"one process may have {files} files open (ulimit -Hn), so {shared} agents share a connection; "
            f"for one each: ulimit -n {AGENTS + SPARE}")
    return int(os.environ.get("PER_CONNECTION", shared))


class Table:
    """What is printed in the end."""

    def __init__(self):
        self.rows = []

    def add(self, figure, goal, measured, reached=None):
        mark = "" if reached is None else "yes" if reached else "NO"
        self.rows.append((figure, goal, measured, mark))
        say(f"{figure}: {measured} (goal {goal}) {mark}")

    def print(self):
        print("\n| what | goal | measured | reached |\n|---|---:|---:|---|")
        for row in self.rows:
            print("| " + " | ".join(row) + " |")


class Poller:
    """Somebody who looks at the API all the time, as a page does."""

    def __init__(self, manager):
        self.times, self.statuses = [], collections.Counter()
        self.client = Client(manager.api_port, manager.client.token)
        self.refused, self.stopping = 0, False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        paths = ("/v1/summary", "/v1/agents?selector=env%3Dprod&page_size=50")
        number = 0
        while not self.stopping:
            begin = time.perf_counter()
            try:
                status, _ = self.client.request("GET", paths[number % 2])
                self.times.append(time.perf_counter() - begin)
                self.statuses[status] += 1
            except (OSError, http.client.HTTPException):
                self.refused += 1
            number += 1
            time.sleep(0.05)

    def stop(self):
        self.stopping = True
        self.thread.join()


class Bench:
    def __init__(self, directory, per_connection):
        self.directory, self.table = Path(directory), Table()
        pin = (("taskset", "-c", "0"), ("taskset", "-c", "1")) if os.environ.get("PIN") else ((), ())
        self.manager = Manager(directory, pin=pin[0])
        time.sleep(2)
        self.empty, self.idle_share = self.manager.memory(), 0.0
        self.sockets_before = sockets()
        self.simulator = Simulator(
            self.manager.port, AGENTS, per_connection, pin=pin[1], heartbeat=HEARTBEAT,
            connect_rate=os.environ.get("CONNECT_RATE", 4000))

    def wait_until_known(self, seconds):
        self.simulator.wait_until_connected(seconds)
        eventually(lambda: self.connected() == AGENTS, lambda: f"all agents in {self.manager.summary()}", seconds)

    def connected(self):
        summary = self.manager.summary()
        return summary["connected"] if summary["agents"] == summary["connected"] else -1

    # Each of these measures one thing.

    def arrival(self):
        begin, cpu = time.monotonic(), self.manager.cpu()
        self.wait_until_known(600)
        took = time.monotonic() - begin
        shared = self.simulator.per_connection
        detail = "" if shared == 1 else f" over {self.simulator.connections:,} connections, {shared} on each"
        self.table.add("G1 agents connected", f"{AGENTS:,}", f"{self.connected():,}{detail}", shared == 1)
        self.table.add("first connecting, everything reported", "-",
                       f"{took:.1f} s, {self.manager.cpu() - cpu:.1f} s of processor")

    def memory(self, name):
        per_agent = (self.manager.memory() - self.empty) / AGENTS
        self.table.add(f"G3 user memory per agent, {name}", "≤ 25 KB", f"{per_agent / 1024:.1f} KB",
                       per_agent <= 25 * 1024)

    def heartbeats(self):
        time.sleep(HEARTBEAT + 2)
        self.memory("after one round of heartbeats")
        kernel = sockets() - self.sockets_before
        self.table.add("memory of sockets in the kernel, both ends", "-",
                       f"{kernel / self.simulator.connections / 1024:.1f} KB per connection")
        before, written = self.simulator.status, self.manager.written_bytes()
        change = self.manager.database("SELECT max(change) FROM agents")[0][0]
        cpu, begin = self.manager.cpu(), time.monotonic()
        time.sleep(SECONDS)
        took, after = time.monotonic() - begin, self.simulator.status
        share = (self.manager.cpu() - cpu) / took
        self.idle_share = share
        rate = (after["heartbeats"] - before["heartbeats"]) / took
        self.table.add("G4 processor for heartbeats", "≤ 0.25 core", f"{share:.3f} core at {rate:,.0f}/s",
                       share <= 0.25)
        rows = self.manager.database(f"SELECT count(*) FROM agents WHERE change > {change}")[0][0]
        parts = self.manager.database("SELECT count(*) FROM checkpoints")[0][0]
        size = (self.manager.written_bytes() - written) / 2**20
        self.table.add("G12 rows of agents written meanwhile", "0",
                       f"{rows}; checkpoint of {parts} rows each 30 s; {size:.1f} MiB written", rows == 0)

    def looks(self):
        paths = {
            "list 50 by label": ("/v1/agents?selector=env%3Dprod%2Cregion%3Dregion-3&page_size=50", 20),
            "list 50 by a rare label": ("/v1/agents?selector=rack%3Dr397&page_size=50", 20),
            "list 50 by text": ("/v1/agents?search=sim-77&page_size=50", 20),
            "summary": ("/v1/summary", 10),
            "summary by label": ("/v1/summary?selector=team%3Dteam-7", 20),
        }
        for name, (path, goal) in paths.items():
            times = []
            for _ in range(200):
                begin = time.perf_counter()
                self.manager.ask("GET", path)
                times.append(time.perf_counter() - begin)
            self.table.add(f"G10 {name}", f"p99 ≤ {goal} ms", milliseconds(times),
                           percentile(times, 0.99) * 1e3 <= goal)

    def offers(self, tries=100):
        """A rollout to one agent, again and again: there is nothing to wait for, so the offer goes out at once."""
        target, times, rollouts = self.manager.add_revision("single", configuration(9)), [], []
        for number in random.Random(7).sample(range(AGENTS), tries):
            self.simulator.ask("watch", number)
            begin = time.monotonic_ns()
            rollouts.append(
                self.manager.roll_out(target, f"host.name=sim-{number}", late_joiners="ignore")["id"])
            committed = time.monotonic_ns()
            event = self.simulator.next_event()
            times.append((begin, committed, event["time"]))
            time.sleep(0.2)
        for rollout in rollouts:
            self.manager.wait_for_rollout(rollout)
        self.table.add(f"G5 one agent, {tries} times: from the request to the offer on the wire", "-",
                       milliseconds([(offer - begin) / 1e9 for begin, _, offer in times]))
        waits = [max(offer - committed, 0) / 1e9 for _, committed, offer in times]
        self.table.add("G5 from the answer of the API to the offer on the wire", "p99 ≤ 50 ms", milliseconds(waits),
                       percentile(waits, 0.99) <= 0.05)

    def engine(self):
        """Seconds that the rollout engine has taken so far, and its steps."""
        return self.manager.metric("apus_fleet_rollout_step_seconds_sum"), self.manager.metric(
            "apus_fleet_rollout_step_seconds_count")

    def fan_out(self, number, **more):
        """Rolls a configuration out to everybody; returns the id of the rollout."""
        body = configuration(number)
        target = self.manager.add_revision("everybody", body)
        self.simulator.expect("all", body, self.directory / "expected")
        self.hash = configuration_hash(body)
        before, engine = self.simulator.status, self.engine()
        cpu, begin = self.manager.cpu(), time.monotonic_ns()
        rollout = self.manager.roll_out(target, HONEST, **more)["id"]
        status = self.simulator.wait_for(
            lambda status: status["offers"] - before["offers"] >= AGENTS, "an offer for everybody", 300)
        offered, took = self.manager.cpu() - cpu, (status["last_offer"] - begin) / 1e9
        status = self.simulator.wait_for(
            lambda status: status["in_expected_state"] == AGENTS, "everybody has applied it", 300)
        applied = (status["last_applied"] - begin) / 1e9
        if not more:
            self.table.add("G6 20 KB to all agents: the last byte", "≤ 15 s", f"{took:.1f} s", took <= 15)
            self.table.add("G6 processor until then, reports of agents included", "≤ 10 s", f"{offered:.1f} s",
                           offered <= 10)
            self.table.add("the last agent has applied it (each takes up to 2 s)", "-", f"{applied:.1f} s")
            self.manager.wait_for_rollout(rollout, seconds=300)
            took = (time.monotonic_ns() - begin) / 1e9
            self.table.add("the rollout has succeeded", "-",
                           f"{took:.1f} s, {self.manager.cpu() - cpu:.1f} s of processor in all, "
                           f"{self.engine()[0] - engine[0]:.1f} s in steps of rollouts, writing and offering included")
        status = self.simulator.status
        self.table.add("offers compared byte by byte, wrong ones", "0 wrong",
                       f"{status['compared'] - before['compared']} compared, {status['wrong'] - before['wrong']} wrong",
                       status["wrong"] == before["wrong"])
        return rollout

    def gates(self):
        rollout = self.fan_out(12, bake="120s", gate={
            "min_healthy_time": "30s", "analysis": ["restarts", "component_status"], "on_inconclusive": "pass"})
        time.sleep(15)
        (engine, steps), cpu, begin = self.engine(), self.manager.cpu(), time.monotonic()
        time.sleep(30)
        after, took = self.engine(), time.monotonic() - begin
        share, more = (after[0] - engine) / took, (self.manager.cpu() - cpu) / took - self.idle_share
        state = self.manager.rollout(rollout)
        self.table.add("G11 rollout engine, gates each second", "≤ 0.05 core",
                       f"{share:.3f} core in {after[1] - steps:.0f} steps; the manager {more:+.3f} core "
                       f"({state['state']}, {state.get('stage_phase')})", max(share, more) <= 0.05)
        self.manager.ask("POST", f"/v1/rollouts/{rollout}:abort", {"reason": "measured"})

    def spot_checks(self, count=200):
        """What the manager says of random agents is true, and not older than a heartbeat."""
        oldest = 0
        for number in random.Random(3).sample(range(AGENTS), min(count, AGENTS)):
            own = self.simulator.agent(number)
            seen = self.manager.ask("GET", f"/v1/agents/{own['uid']}")
            now = datetime.datetime.now(datetime.timezone.utc)
            age = (now - datetime.datetime.fromisoformat(seen["last_seen"].replace("Z", "+00:00"))).total_seconds()
            oldest = max(oldest, age)
            assert seen["connected"] and seen["labels"]["env"] == own["environment"], seen
            assert seen["assignment"]["hash"] == own["hash"] == self.hash, seen
        self.table.add(f"state of {count} random agents: right, and at most", f"{HEARTBEAT} s old", f"{oldest:.1f} s",
                       oldest <= HEARTBEAT + 1)

    def churn(self, seconds):
        """5 % of all connections a minute end and come back."""
        self.simulator.ask("churn", max(self.simulator.connections // 1200, 1))
        time.sleep(seconds)
        self.simulator.ask("churn", 0)
        self.wait_until_known(60)
        self.memory(f"after {seconds} s of churn")

    def restart(self, name, end):
        before = self.simulator.status
        poller = Poller(self.manager)
        begin = time.monotonic()
        end()
        stopped = time.monotonic()
        self.manager.start()
        ready = time.monotonic()
        self.wait_until_known(300)
        eventually(lambda: self.manager.ask("GET", f"/v1/summary?selector={HONEST}")["drift"] == {"in_sync": AGENTS},
                   lambda: self.manager.summary(), 300)
        took = time.monotonic() - begin
        poller.stop()
        after = self.simulator.status
        self.table.add(f"G7 {name}: all agents back and in sync", "≤ 60 s",
                       f"{took:.1f} s (ended after {stopped - begin:.1f}, ready after {ready - begin:.1f})", took <= 60)
        self.table.add(f"G7 {name}: full reports, offers made again", "-, 0",
                       f"{after['full_reports'] - before['full_reports']}, {after['offers'] - before['offers']}")
        bad = {status: count for status, count in poller.statuses.items() if status not in (200, 503)}
        self.table.add(f"G8 API meanwhile ({len(poller.times)} requests)", "p99 ≤ 500 ms",
                       f"{milliseconds(poller.times)}; {poller.refused} found nobody; other than 200/503: {bad or 'none'}",
                       percentile(poller.times, 0.99) <= 0.5 and not bad)

    def hostile(self):
        before, memory = self.simulator.status, self.manager.memory()
        count = self.simulator.ask("hostile", max(self.simulator.connections // 100, 8))["hostile"]
        time.sleep(HEARTBEAT)
        cpu, begin = self.manager.cpu(), time.monotonic()
        time.sleep(HEARTBEAT)
        share = (self.manager.cpu() - cpu) / (time.monotonic() - begin)
        after = self.simulator.status
        lost = after["closed"] - before["closed"]
        self.table.add(f"{count} hostile connections: others that were closed", "0", f"{lost}", lost == 0)
        self.table.add("hostile: memory more, processor", "-",
                       f"{(self.manager.memory() - memory) / 2**20:.1f} MiB, {share:.2f} core")

    def check_database(self):
        self.manager.stop()
        state = self.manager.database("PRAGMA integrity_check")
        size = sum(file.stat().st_size for file in self.manager.state.glob("fleet.sqlite*"))
        self.table.add("the database in the end", "ok", f"{state[0][0]}, {size / 2**20:.0f} MiB", state == [("ok",)])


def sockets():
    """Bytes that the kernel holds for sockets: their objects and what is in their buffers."""
    slabs = 0
    try:
        for line in Path("/proc/slabinfo").read_text().splitlines()[2:]:
            fields = line.split()
            if fields[0] in ("TCP", "sock_inode_cache", "tw_sock_TCP", "filp", "dentry", "eventpoll_epi", "eventpoll_pwq"):
                slabs += int(fields[1]) * int(fields[3])
    except OSError:
        pass
    for line in Path("/proc/net/sockstat").read_text().splitlines():
        if line.startswith("TCP:"):
            slabs += int(line.split()[-1]) * 4096
    return slabs


def run(bench, wanted):
    steps = {
        "arrival": bench.arrival, "heartbeats": bench.heartbeats, "looks": bench.looks, "offers": bench.offers,
        "fanout": lambda: bench.fan_out(11), "checks": bench.spot_checks, "gates": bench.gates,
        "churn": lambda: bench.churn(60), "graceful": lambda: bench.restart("SIGTERM and start", bench.manager.stop),
        "kill": lambda: bench.restart("kill -9 and start", bench.manager.kill), "hostile": bench.hostile,
        "database": bench.check_database,
    }
    for name, step in steps.items():
        if wanted and name not in wanted:
            continue
        try:
            step()
        except Exception as error:  # one figure that cannot be had is no reason to lose the others
            bench.table.add(name, "-", f"failed: {type(error).__name__}: {str(error)[:600]}", False)


def main():
    shared = set_up_limits()
    say(f"{AGENTS:,} agents, heartbeats each {HEARTBEAT} s, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIRECTORY")) as directory:
        bench = Bench(directory, shared)
        try:
            run(bench, sys.argv[1:])
        finally:
            print(json.dumps(bench.simulator.status) if bench.simulator.process.poll() is None else "no simulator")
            bench.simulator.stop()
            bench.manager.kill()
            log = Path(os.environ.get("BENCH_LOG", "/dev/null"))
            if str(log) != "/dev/null":
                log.write_text(bench.manager.log)
        bench.table.print()
    print(f"\nload of the machine in the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
