"""The programs of opamp-go, the implementation of OpenTelemetry in Go; opamp-go/README.md says how they are made."""

import json
import os
import subprocess
import threading

import pytest
from process import eventually

PROGRAMS = os.environ.get("OPAMP_GO_PROGRAMS", "")
needs_programs = pytest.mark.skipif(
    not os.access(f"{PROGRAMS}/agent", os.X_OK), reason="OPAMP_GO_PROGRAMS names no directory with agent and server")


class Program:
    """One of the programs: says what happens in lines of JSON, and does what it is told."""

    def __init__(self, name, *arguments):
        self.events = []
        self.process = subprocess.Popen(
            [f"{PROGRAMS}/{name}", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def all(self, event):
        return [line for line in list(self.events) if line["event"] == event]

    def wait_for(self, event, condition=lambda line: True, seconds=30):
        return eventually(
            lambda: next((line for line in self.all(event) if condition(line)), None),
            lambda: f"{event}; there were: {self.events}", seconds)

    def close(self):
        if self.process.poll() is None:
            self.tell("stop")
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
