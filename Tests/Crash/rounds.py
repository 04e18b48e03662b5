"""Kills the collector again and again while it works, and tells what became of everything it had acknowledged."""

import copy
import random
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field

import damage
import variants  # noqa: F401  (finds the helpers of the other tests)
from backend import Backend
from loader import Loader
from process import READY, Apus, command, eventually, free_port, program

#: Seconds from the start of the process to its end, at most.
LONGEST_LIFE = 1.5
#: How many of the processes are told to stop before they are killed, and how long they have then, at most.
ORDERLY, LONGEST_END = 0.25, 0.5
#: Seconds in which everything must have arrived once the backends are well, and without any news before giving up.
SETTLE, SILENCE = 90, 3


class Process(Apus):
    """A collector that may be killed before it is ready; another collector will do as well."""

    def __init__(self, config, directory, ports, number):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory, self.ports = directory, ports
        self.file, self.log_file = directory / "apus.yaml", directory / f"{number}.log"
        self.write(config)
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [program(), "--config", str(self.file)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=directory)

    def queue_size(self):
        """What waits in all queues; None when the page of metrics cannot be read (yet)."""
        try:
            return self.metric("otelcol_exporter_queue_size")
        except OSError:
            return None


@dataclass
class Outcome:
    variant: object
    rounds: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    delivered: int = 0
    duplicates: int = 0
    lost: int = 0
    #: Acknowledged before a backend had it, in the variants where that must not be.
    early: int = 0
    #: Missing, but where the files had been damaged.
    cut: int = 0
    damages: list = field(default_factory=list)
    failures: list = field(default_factory=list)

    def __str__(self):
        cut = f", {self.cut} in damaged places" if self.variant.damage else ""
        verdict = "ok" if not self.failures else "FAILED: " + "; ".join(self.failures)
        return (
            f"{self.variant.name}: {self.rounds} rounds, {self.acknowledged} acknowledged, {self.delivered} delivered, "
            f"{self.duplicates} duplicates, {self.lost} lost{cut}: {verdict}")


class Trial:
    """One variant, from an empty directory to the verdict."""

    def __init__(self, variant, directory, seed):
        self.variant, self.directory = variant, directory
        self.random = random.Random(f"{seed}/{variant.name}")
        self.storage = directory / "storage"
        self.ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
        self.outcome = Outcome(variant)
        self.excused = set()
        self.starts = 0
        self.process = None

    def run(self, rounds):
        """Plays so many rounds and returns what came of it."""
        self.backends = [Backend(self.variant.kind) for _ in self.variant.moods]
        self.loader = Loader(self.ports["http"], self.random, self.variant.connections)
        try:
            for number in range(rounds):
                self.round(number)
            self.settle()
        except AssertionError as error:
            self.fail(str(error))
        finally:
            self.loader.close()
            if self.process is not None:
                self.process.kill()
            for backend in self.backends:
                backend.close()
        return self.count()

    def fail(self, text):
        self.outcome.failures.append(text[:3000])

    def start(self):
        self.starts += 1
        ports = [backend.port for backend in self.backends]
        self.process = Process(
            self.variant.configuration(self.ports, ports, self.storage), self.directory, self.ports, self.starts)

    def round(self, number):
        """A start under load, a kill, and a look at what was acknowledged."""
        for backend, moods in zip(self.backends, self.variant.moods):
            # Where clients wait for the backend, one that is away would leave nothing to look at.
            backend.be("ok" if number == 0 and self.variant.delivered and not self.variant.loses
                       else self.random.choice(moods))
        self.start()
        self.loader.resume()
        self.live()
        expected = self.end() if self.random.random() < ORDERLY else (None,)
        ended = self.process.process.poll()
        self.process.kill()
        if ended not in expected:
            raise AssertionError(f"round {number}: ended with {ended}: {self.process.log[-2000:]}")
        self.loader.pause()
        self.outcome.rounds += 1
        if self.variant.delivered:
            self.check_delivered(number)
        if self.variant.damage and self.random.random() < 0.7:
            self.damage(number)

    def live(self):
        """Lets it work for a while; the first one gets far enough to work at all."""
        if self.starts == 1:
            eventually(lambda: READY in self.process.log or not self.process.is_running, "a start", 60)
            time.sleep(0.2)
        end = time.monotonic() + self.random.uniform(0, LONGEST_LIFE)
        while self.variant.reloads and (rest := end - time.monotonic()) > 0:
            time.sleep(min(rest, self.random.uniform(0.05, 0.5)))
            if READY in self.process.log:
                self.reload()
        time.sleep(max(0, end - time.monotonic()))

    def reload(self):
        """Has it read a configuration that differs a little."""
        config = copy.deepcopy(self.process.config)
        for exporter in config["exporters"].values():
            exporter["sending_queue"]["num_consumers"] = self.random.randint(1, 8)
        self.process.write(config)
        self.process.signal(signal.SIGHUP)

    def end(self):
        """Tells it to stop, and does not wait for it; returns what it may have ended with by now."""
        is_ready = READY in self.process.log
        self.process.signal(signal.SIGTERM)
        time.sleep(self.random.uniform(0, LONGEST_END))
        return (None, 0) if is_ready else (None, 0, -signal.SIGTERM)

    def check_delivered(self, number):
        acknowledged = set(self.loader.acknowledged)
        for backend, name in zip(self.backends, self.variant.exporters):
            missing = acknowledged - backend.refresh()
            if missing:
                self.outcome.early += len(missing)
                self.fail(f"round {number}: {len(missing)} acknowledged that {name} does not have: {min(missing)}…")

    def damage(self, number):
        done = damage.KINDS[self.variant.damage](self.storage, self.random)
        self.excused |= done.excused
        self.outcome.damages.append(f"round {number}: {done.what}")

    def settle(self):
        """Lets everything be delivered, and checks that afterwards nothing is left to deliver."""
        for backend in self.backends:
            backend.be("ok")
        self.start()
        if "on_permanent_error" in self.variant.exporter:
            self.replay()
        self.wait()
        eventually(
            lambda: self.process.queue_size() == 0, lambda: f"queues are empty: {self.process.queue_size()}", 20)
        if self.variant.reloads:
            begin = len(self.process.log)
            self.reload()
            self.process.wait_for_log("the new configuration runs", begin=begin)
        code = self.process.stop()
        if code != 0:
            raise AssertionError(f"ended with {code}: {self.process.log[-2000:]}")
        if self.variant.storage is not None and not self.variant.loses:
            self.check_nothing_left()

    def replay(self):
        """Stops it once its queue is empty and sends the dead letters again."""
        eventually(lambda: self.process.queue_size() == 0, "queues are empty", SETTLE)
        self.process.stop()
        self.outcome.damages.append(command("dead-letter", "replay", "--config", self.process.file, check=0).stdout)
        self.start()

    def check_nothing_left(self):
        """After an orderly end, the next start has nothing to send."""
        before = self.final_items()
        self.start()
        eventually(lambda: self.process.queue_size() is not None, "the page of metrics", 20)
        self.process.stop()
        after = self.final_items()
        if before != after:
            raise AssertionError(f"sent again after an orderly stop: {before} became {after} items")

    def final_items(self):
        """How many items each backend has got when nothing is on its way any more, not even from the killed."""
        while True:
            found = [backend.refresh() and backend.items for backend in self.backends]
            time.sleep(0.4)
            if found == [backend.refresh() and backend.items for backend in self.backends]:
                return found

    def wait(self):
        """Until every acknowledged item is everywhere, or nothing happens any more."""
        deadline, quiet, seen = time.monotonic() + SETTLE, time.monotonic(), -1
        while self.missing():
            now = time.monotonic()
            items = sum(backend.items for backend in self.backends)
            if items != seen or self.process.queue_size() != 0:
                quiet, seen = now, items
            if now > deadline or now - quiet > SILENCE or not self.process.is_running:
                return
            time.sleep(0.02)

    def missing(self):
        """What was acknowledged and is not at every backend; damaged places are forgiven."""
        wanted = self.loader.acknowledged - self.excused
        return set().union(*(wanted - backend.refresh() for backend in self.backends))

    def count(self):
        """The figures, and what they mean."""
        outcome, loader = self.outcome, self.loader
        outcome.acknowledged = len(loader.acknowledged)
        outcome.refused, outcome.unknown = len(loader.refused), len(loader.unknown)
        everywhere = set.intersection(*(backend.numbers for backend in self.backends))
        outcome.delivered = len(loader.acknowledged & everywhere)
        outcome.duplicates = sum(backend.duplicates for backend in self.backends)
        missing = loader.acknowledged - everywhere
        outcome.lost, outcome.cut = len(missing - self.excused), len(missing & self.excused)
        known = loader.acknowledged | loader.refused | loader.unknown
        for backend in self.backends:
            if backend.altered:
                self.fail(f"{len(backend.altered)} items were altered: {backend.altered[0]}")
            if strange := backend.numbers - known:
                self.fail(f"{len(strange)} items that nobody sent, such as {min(strange)}")
        if outcome.lost:
            self.fail(f"lost {sorted(missing - self.excused)[:10]}…")
        if self.variant.reloads:
            self.check_reloads()
        if not outcome.acknowledged:
            self.fail("nothing was ever acknowledged, so nothing was tested")
        if outcome.cut and not self.told_of_damage():
            self.fail(f"{outcome.cut} items were cut off and no log says so: {outcome.damages}")
        if self.variant.loses:
            noticed = outcome.lost or outcome.early
            outcome.failures = [] if noticed else [*outcome.failures, "no loss was noticed"]
        return outcome

    def logs(self, pattern):
        """The lines of all logs in which the pattern is found."""
        return [
            line for path in self.directory.glob("*.log") for line in path.read_text(errors="replace").splitlines()
            if re.search(pattern, line)]

    def check_reloads(self):
        if refused := self.logs("the running one stays"):
            self.fail(f"{len(refused)} configurations were not taken: {refused[0]}")

    def told_of_damage(self):
        return self.logs(r"(?i)\b(damage|corrupt|torn|cut|truncat)")


