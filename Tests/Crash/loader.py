"""Clients that send numbered items and remember what they were told about each."""

import http.client
import random
import threading
import time

import numbered
import otlp

#: Seconds that a client waits for an answer.
PATIENCE = 60
#: Seconds before the next attempt after a refusal, and after a connection that failed.
REFUSED_PAUSE, FAILED_PAUSE = 0.02, 0.01


class Loader:
    """Several connections over OTLP/HTTP, each with one request at a time."""

    def __init__(self, port, random_numbers, connections=4, most_items=20):
        self.port = port
        self.most_items = most_items
        self.acknowledged = set()
        self.refused = set()
        self.unknown = set()
        #: How often which status came with a refusal.
        self.statuses = {}
        self._lock = threading.Lock()
        self._running = threading.Event()
        self._stopped = False
        self._busy = 0
        self._request = 0
        self._idle = threading.Condition(self._lock)
        self._threads = [
            threading.Thread(
                target=self._run, args=(index, random.Random(random_numbers.random())), daemon=True)
            for index in range(connections)
        ]
        for thread in self._threads:
            thread.start()

    def resume(self):
        """Sends from now on."""
        self._running.set()

    def pause(self):
        """Returns when no request is without its answer any more."""
        self._running.clear()
        with self._idle:
            if not self._idle.wait_for(lambda: self._busy == 0, PATIENCE + 10):
                raise AssertionError(f"{self._busy} requests without an answer for {PATIENCE} s")

    def close(self):
        self._stopped = True
        self._running.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _run(self, index, random_numbers):
        signal = numbered.SIGNALS[index % len(numbered.SIGNALS)]
        connection = None
        while True:
            self._running.wait()
            if self._stopped:
                return
            with self._lock:
                if not self._running.is_set():
                    continue
                self._busy += 1
                self._request += 1
                request = self._request
            try:
                connection, pause = self._send(connection, signal, request, random_numbers)
            finally:
                with self._idle:
                    self._busy -= 1
                    self._idle.notify_all()
            time.sleep(pause)

    def _send(self, connection, signal, request, random_numbers):
        """Sends one message and notes the answer; returns the connection and how long to wait."""
        body, numbers = numbered.message(signal, request, random_numbers.randint(1, self.most_items))
        service = otlp.SERVICES[signal]
        try:
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            connection.request("POST", service.path, body, {"content-type": "application/x-protobuf"})
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            with self._lock:
                self.unknown.update(numbers)
            if connection is not None:
                connection.close()
            return None, FAILED_PAUSE
        success = response.status == 200
        partial = success and getattr(
            service.response.FromString(answer).partial_success, service.rejected)
        with self._lock:
            (self.acknowledged if success and not partial else self.refused).update(numbers)
            if not success:
                self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
        if response.will_close:
            connection.close()
            connection = None
        return connection, random_numbers.uniform(0, 0.004) if success else REFUSED_PAUSE
