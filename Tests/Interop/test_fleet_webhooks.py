"""Webhooks of the fleet manager over real sockets: what receivers get and can check, and where nothing is sent."""

import hashlib
import hmac
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from process import eventually
from test_fleet_api import Manager, manager  # noqa: F401 (a fixture)


class Receiver:
    """A server that answers with the next of its answers, the last of them for ever, and keeps what it got.

    An answer is a status, or a status with fields, or something that is called with the request.
    """

    def __init__(self, *answers):
        self.answers, self.requests = list(answers) or [204], []
        self.lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver.lock:
                    receiver.requests.append(
                        (self.path, {name.lower(): value for name, value in self.headers.items()}, body, time.monotonic()))
                    answer = receiver.answers[0] if len(receiver.answers) == 1 else receiver.answers.pop(0)
                if callable(answer):
                    return answer(self)
                status, fields = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in {**fields, **({} if status == 204 else {"content-length": "0"})}.items():
                    self.send_header(name, value)
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def events(self, kind=None):
        """The events that came, of one kind, in their order."""
        found = [json.loads(body) for _, _, body, _ in list(self.requests)]
        return [event for event in found if kind in (None, event["kind"])]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receive(afterwards):
    def receive(*answers):
        receiver = Receiver(*answers)
        afterwards.callback(receiver.close)
        return receiver

    return receive


@pytest.fixture
def api(manager):  # noqa: F811
    """A manager that may send to this machine."""
    return manager(webhooks={"allow_loopback": True})


def put(api, name, url, status=201, **fields):
    return api.json("PUT", f"/v1/webhooks/{name}", {"url": url, **fields}, status=status, if_none_match="*")


def happen(api, name):
    """Makes an event: `value.changed` about `name`."""
    api.json("PUT", f"/v1/values/{name}", {"value": 1}, status=201, if_none_match="*")


def deliveries(api, name):
    return api.json("GET", f"/v1/webhooks/{name}")["deliveries"]


def verify(secret, fields, body):
    """As a receiver does it, who knows the secret and the text about the signature."""
    signed = fields["apus-webhook-timestamp"].encode() + b"." + body
    expected = "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(expected, fields["apus-webhook-signature"])
    assert abs(time.time() - int(fields["apus-webhook-timestamp"])) < 300


def test_a_receiver_can_check_who_sends(api, receive):
    receiver = receive()
    made = put(api, "ops", f"{receiver.url}/hook?team=a", kinds=["value.*"])
    given = put(api, "mine", f"{receiver.url}/mine", kinds=["plan.changed"], secret="a secret that is long enough")
    assert len(made["secret"]) == 64 and "secret" not in given
    happen(api, "first")
    api.json("PUT", "/v1/plans/careful", {"stages": [{"size": 1}]}, status=201, if_none_match="*")
    eventually(lambda: len(receiver.requests) == 2, lambda: f"{receiver.requests}\n{api.log}")
    by_path = {path: (fields, body) for path, fields, body, _ in receiver.requests}
    for path, secret, kind in [
            ("/hook?team=a", made["secret"], "value.changed"), ("/mine", "a secret that is long enough", "plan.changed")]:
        fields, body = by_path[path]
        event = json.loads(body)
        verify(secret, fields, body)
        assert event["kind"] == kind and event["actor"] == "token:admin"
        assert fields["apus-webhook-event"] == str(event["id"])
        assert fields["content-type"] == "application/json"
        assert fields["host"] == receiver.url.removeprefix("http://")
    # One bit more or less is another signature.
    fields, body = by_path["/mine"]
    with pytest.raises(AssertionError):
        verify("a secret that is long enough", fields, body + b" ")


def test_a_test_says_what_the_receiver_answers(api, receive):
    receiver = receive(204, 503, (302, {"location": "http://127.0.0.1:1/"}), 204)
    secret = put(api, "ops", receiver.url, kinds=["plan.changed"], enabled=False)["secret"]
    for status, outcome, code in [(204, "delivered", 0), (503, "failed", 1), (302, "failed", 1)]:
        text = api.text("webhooks", "test", "ops", check=code)
        assert f"status {status}" in text, text
        last = deliveries(api, "ops")[0]
        assert (last["status"], last["outcome"], last["attempts"]) == (status, outcome, 1)
    assert [event["kind"] for event in receiver.events()] == ["webhook.test"] * 3
    for _, fields, body, _ in receiver.requests:
        verify(secret, fields, body)
    shown = api.json("POST", "/v1/webhooks/ops:test")
    assert shown["delivery"]["outcome"] == "delivered" and shown["delivery"]["status"] == 204
    assert api.shown("webhooks", "test", "ops", "--dry-run") == {"name": "ops", "url": receiver.url}
    assert len(receiver.requests) == 4
    receiver.close()
    assert "has not arrived" in api.text("webhooks", "test", "ops", check=1)
    assert "no webhook 'nobody'" in api.run("webhooks", "test", "nobody", check=1).stderr
    audit = api.text("audit", "list")
    assert "testWebhook" in audit and secret not in audit


def test_what_is_not_taken_is_sent_again_with_the_same_id(api, receive):
    receiver = receive(503, 429, 204)
    put(api, "ops", receiver.url, kinds=["value.changed"])
    happen(api, "first")
    eventually(lambda: deliveries(api, "ops"), lambda: api.log, 60)
    delivery = deliveries(api, "ops")[0]
    assert (delivery["outcome"], delivery["attempts"], delivery["status"]) == ("delivered", 3, 204)
    ids = {fields["apus-webhook-event"] for _, fields, _, _ in receiver.requests}
    assert len(receiver.requests) == 3 and ids == {str(delivery["event"])}
    # Later, so that a receiver that is down is not pressed.
    times = [when for _, _, _, when in receiver.requests]
    assert times[1] - times[0] > 0.9 and times[2] - times[1] > 1.8


def test_a_refusal_is_final_and_told(api, receive):
    receiver, watcher = receive(410), receive()
    put(api, "gone", receiver.url, kinds=["value.changed"])
    put(api, "watch", watcher.url, kinds=["webhook.failing"])
    happen(api, "first")
    eventually(lambda: watcher.events("webhook.failing"), lambda: api.log)
    assert watcher.events()[0]["subject"] == "gone" and "410" in watcher.events()[0]["message"]
    assert len(receiver.requests) == 1
    assert deliveries(api, "gone")[0]["attempts"] == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(api, receive, status):
    inside = receive()
    receiver = receive((status, {"location": f"{inside.url}/stolen"}))
    put(api, "ops", receiver.url, kinds=["value.changed"])
    happen(api, "first")
    eventually(lambda: deliveries(api, "ops"), lambda: api.log)
    assert deliveries(api, "ops")[0]["status"] == status and deliveries(api, "ops")[0]["outcome"] == "failed"
    assert len(receiver.requests) == 1 and not inside.requests


def test_nothing_is_sent_to_this_machine_unless_that_is_allowed(manager, receive):  # noqa: F811
    api, receiver = manager(), receive()
    port = receiver.url.rsplit(":", 1)[1]
    for number, host in enumerate(["127.0.0.1", "localhost", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]"]):
        put(api, f"w{number}", f"https://{host}:{port}/", kinds=["value.changed"])
        delivery = api.json("POST", f"/v1/webhooks/w{number}:test")["delivery"]
        assert delivery["outcome"] == "failed" and "status" not in delivery, delivery
    put(api, "plain", f"http://127.0.0.1:{port}/", kinds=["value.changed"])
    assert api.json("POST", "/v1/webhooks/plain:test")["delivery"]["outcome"] == "failed"
    assert not receiver.requests
    # What only the network of a cloud or this link can reach is refused however it is written.
    for number, host in enumerate(["169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "0.0.0.0"]):
        put(api, f"m{number}", f"https://{host}/latest", kinds=["value.changed"])
        delivery = api.json("POST", f"/v1/webhooks/m{number}:test")["delivery"]
        assert delivery["outcome"] == "failed" and "status" not in delivery, delivery
    for url in ["http://example.com/", "ftp://example.com/", "https://u:p@example.com/", "file:///etc/passwd"]:
        assert put(api, "bad", url, status=422)["errors"]


def test_a_slow_receiver_holds_up_nobody_else(api, receive):
    released = threading.Event()
    slow = receive(lambda request: released.wait(60))
    quick = receive()
    put(api, "slow", slow.url, kinds=["value.changed"])
    put(api, "quick", quick.url, kinds=["value.changed"])
    for number in range(5):
        happen(api, f"v{number}")
    eventually(lambda: len(quick.requests) == 5, lambda: api.log)
    assert len(slow.requests) == 1, "one at a time"
    assert [event["subject"] for event in quick.events()] == [f"v{number}" for number in range(5)], "in order"
    # A receiver that takes its time does not hold a connection for ever.
    eventually(lambda: len(slow.requests) >= 2, lambda: f"{slow.requests}\n{api.log}", 40)
    begin = time.monotonic()
    api.json("DELETE", "/v1/webhooks/slow", if_match="*")
    assert time.monotonic() - begin < 5
    released.set()


def test_an_answer_without_an_end_is_cut_off(api, receive):
    def endless(request):
        request.wfile.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            request.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    put(api, "ops", receive(endless).url, kinds=["value.changed"])
    delivery = api.json("POST", "/v1/webhooks/ops:test")["delivery"]
    assert delivery["outcome"] == "failed", delivery


def test_who_accepts_and_says_nothing_is_given_up(api, afterwards):
    silent = socket.create_server(("127.0.0.1", 0))
    afterwards.callback(silent.close)
    put(api, "ops", f"http://127.0.0.1:{silent.getsockname()[1]}", kinds=["value.changed"])
    begin = time.monotonic()
    # The API answers with an operation after two seconds, for which the command waits.
    assert "has not arrived" in api.text("webhooks", "test", "ops", check=1)
    assert 8 < time.monotonic() - begin < 40


def test_secrets_are_shown_once_and_kept_from_everybody(api, receive):
    receiver = receive(503)
    marker = "marker-s3cr3t-of-a-webhook"
    put(api, "ops", f"{receiver.url}/token-in-a-path-9f2", kinds=["value.changed"], secret=marker)
    viewer = api.json("POST", "/v1/tokens", {"name": "looker", "roles": ["viewer"]}, status=201)["token"]
    happen(api, "first")
    eventually(lambda: receiver.requests, lambda: api.log)
    api.json("POST", "/v1/webhooks/ops:test")
    texts = [api.request("GET", path)[2] for path in (
        "/v1/webhooks", "/v1/webhooks/ops", "/v1/events", "/v1/audit", "/v1/audit/export", "/metrics")]
    texts += [api.text("webhooks", "show", "ops"), api.log]
    assert not any(marker in text for text in texts)
    # The address may be a secret by itself: only who manages webhooks sees it.
    for path in ("/v1/webhooks", "/v1/webhooks/ops"):
        assert api.request("GET", path, token=viewer)[0] == 403
    assert api.request("POST", "/v1/webhooks/ops:test", token=viewer)[0] == 403
    assert "token-in-a-path-9f2" not in api.request("GET", "/v1/events", token=viewer)[2]
    # A change of the address keeps the secret and does not show it again.
    moved = api.json(
        "PUT", "/v1/webhooks/ops", {"url": f"{receiver.url}/moved", "kinds": ["plan.changed"]}, if_match="*")
    assert "secret" not in moved
    api.json("POST", "/v1/webhooks/ops:test")
    path, fields, body, _ = next(one for one in reversed(receiver.requests) if one[0] == "/moved")
    verify(marker, fields, body)
