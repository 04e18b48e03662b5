"""A secret that is put everywhere a secret can stand comes out nowhere."""

import base64
import copy
import json
import re
import subprocess

import grpc
import otlp
import pytest
import yaml
from clients import JSON, export
from conftest import otlp_receiver, to_grpc, to_http
from process import command, eventually, free_port, get
from sinks import Answer

MARKER = "mark3r-s3cret-0f-the-test"

#: What a component needs beside its secrets.
NEEDED = {
    "otlp_grpc": {"endpoint": "http://127.0.0.1:1"}, "otlp_http": {"endpoint": "http://127.0.0.1:1"},
    "oauth2client": {"client_id": "a", "client_secret": "b", "token_url": "http://127.0.0.1:1/"},
    "otlp": {"protocols": {"grpc": {"endpoint": "127.0.0.1:0"}}},
}
BASE = {
    "receivers": {"nop": {}}, "exporters": {"nop": {}},
    "service": {"pipelines": {"traces": {"receivers": ["nop"], "exporters": ["nop"]}}},
}


def secret_places(schema):
    """The path of every value that is a secret: names, `*` for any name, and 0 for an element of a list."""
    found = []

    def walk(node, path):
        if not isinstance(node, dict):
            return
        if node.get("writeOnly"):
            found.append(path)
        for name, child in node.get("properties", {}).items():
            walk(child, (*path, name))
        for pattern, child in node.get("patternProperties", {}).items():
            walk(child, (*path, re.search(r"\w+", pattern).group()))
        for child in node.get("anyOf", []):
            walk(child, path)
        walk(node.get("additionalProperties"), (*path, "*"))
        walk(node.get("items"), (*path, 0))

    walk(schema, ())
    return sorted(set(found), key=str)


def place(path, value):
    """A configuration with `value` at `path`, and what its component needs."""
    config = copy.deepcopy(BASE)
    section, name = path[0], path[1]
    if section != "service":
        config.setdefault(section, {})[name] = copy.deepcopy(NEEDED.get(name, {}))
        if section == "extensions":
            config["service"]["extensions"] = [name]
        else:
            config["service"]["pipelines"]["traces"][section] = [name]
    node = config
    for step, following in zip(path, path[1:]):
        step = "some-name" if step == "*" else step
        if isinstance(node, list):
            node.append([] if following == 0 else {})
            node = node[-1]
        else:
            if not isinstance(node.get(step), (dict, list)):
                node[step] = [] if following == 0 else {}
            node = node[step]
    if isinstance(node, list):
        node.append(value)
    else:
        node["some-name" if path[-1] == "*" else path[-1]] = value
    return config


def said_about(config, directory, path):
    """Everything the commands say about a configuration."""
    file = directory / "apus.yaml"
    file.write_text(yaml.safe_dump(config))
    key = "::".join("some-name" if step == "*" else str(step) for step in path)
    done = [command("validate", "--config", file), command("explain", "--config", file, key)]
    if done[0].returncode == 0:
        done += [
            command("print-config", "--config", file), command("print-config", "--format", "json", "--config", file),
            command("explain", "--config", file, "::".join(key.split("::")[:2]))]
    return "\n".join(one.stdout + one.stderr for one in done)


def test_no_command_shows_a_secret_wherever_it_stands(tmp_path):
    places = secret_places(json.loads(command("schema", "-o", "json", check=0).stdout))
    assert len(places) > 30 and ("extensions", "bearertokenauth", "token") in places
    shown = []
    for path in places:
        value = f"alice:{MARKER}" if path[-1] == "inline" else MARKER
        # Where it belongs, where it makes the value wrong, and instead of the list or map it belongs into.
        for where, content in ((path, value), (path, f"{value}\nx"), (path, [{"value": value}]), (path[:-1], value)):
            if where != path and path[-1] not in ("*", 0) and path[-2] != 0:
                continue
            if MARKER in said_about(place(where, content), tmp_path, path):
                shown.append((where, content))
    assert not shown, "\n".join(map(str, shown))


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A certificate and its key, as text, and a line of the key."""
    directory = tmp_path_factory.mktemp("key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "crt", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], cwd=directory, check=True,
        capture_output=True)
    text = (directory / "key").read_text()
    return (directory / "crt").read_text(), text, text.splitlines()[5]


def everything(grpc_sink, http_sink, tmp_path, key):
    """The ports, the secrets and the configuration of a collector that has a secret wherever one can work."""
    certificate, key_text, _ = key
    ports = {name: free_port() for name in ("grpc", "http", "metrics", "zpages", "health", "tls")}
    secrets = {name: f"{MARKER}-{name}" for name in (
        "password", "file", "token", "client", "header", "parameter", "setter", "response", "metrics")}
    token_file = tmp_path / "token"
    token_file.write_text(secrets["file"])
    tls = {"cert_pem": certificate, "key_pem": key_text}
    extensions = {
        "basicauth/server": {"htpasswd": {"inline": f"alice:{secrets['password']}"}},
        "basicauth/client": {"client_auth": {"username": "apus", "password": secrets["password"]}},
        "bearertokenauth": {"tokens": [secrets["token"]]},
        "bearertokenauth/file": {"filename": str(token_file)},
        "oauth2client": {
            "client_id": "apus", "client_secret": secrets["client"], "token_url": f"{http_sink.url}/token",
            "endpoint_params": {"p": secrets["parameter"]}},
        "headers_setter": {"additional_auth": "bearertokenauth", "headers": [{"key": "x", "value": secrets["setter"]}]},
        "zpages": {"endpoint": f"127.0.0.1:{ports['zpages']}"},
        "health_check": {"endpoint": f"127.0.0.1:{ports['health']}"},
    }
    headers = {"x-secret": secrets["header"]}
    exporters = {}
    for name in ("basicauth/client", "bearertokenauth", "bearertokenauth/file", "oauth2client", "headers_setter"):
        auth = {"auth": {"authenticator": name}, "headers": headers, "sending_queue": {"num_consumers": 1}}
        exporters |= {f"otlp_grpc/{name}": to_grpc(grpc_sink, **auth)["otlp_grpc"]}
        exporters |= {f"otlp_http/{name}": to_http(http_sink, **auth)["otlp_http"]}
    receiver = otlp_receiver(
        ports, {"auth": {"authenticator": "basicauth/server"}, "include_metadata": True},
        {"auth": {"authenticator": "basicauth/server"}, "response_headers": {"x-answer": secrets["response"]}})
    config = {
        "receivers": {"otlp": receiver, "otlp/tls": {"protocols": {
            "http": {"endpoint": f"127.0.0.1:{ports['tls']}", "tls": tls}}}},
        "processors": {"batch": {"timeout": "50ms", "metadata_keys": ["authorization"]}},
        "exporters": {**exporters, "debug": {"verbosity": "detailed"}}, "extensions": extensions,
        "service": {
            "extensions": list(extensions), "shutdown_timeout": "5s",
            "telemetry": {
                "logs": {"level": "debug", "sampling": {"enabled": False}},
                "metrics": {"readers": [
                    {"pull": {"exporter": {"prometheus": {"host": "127.0.0.1", "port": ports["metrics"]}}}},
                    {"periodic": {"interval": 200, "exporter": {"otlp": {
                        "endpoint": f"http://127.0.0.1:{free_port()}/v1/metrics", "protocol": "http/protobuf",
                        "headers": [{"name": "x", "value": secrets["metrics"]}]}}}}]},
            },
            "pipelines": {signal: {
                "receivers": ["otlp", "otlp/tls"], "processors": ["batch"], "exporters": [*exporters, "debug"],
            } for signal in ("traces", "logs")},
        },
    }
    return ports, secrets, config


def misfortune(grpc_sink, http_sink):
    """Makes the sinks refuse everything and repeat what they were sent, which is the worst that servers do."""
    for sink, code in ((grpc_sink, grpc.StatusCode.UNAUTHENTICATED), (http_sink, 401)):
        sink.take = lambda received, code=code: Answer(
            code=code, message=" and ".join(f"{name} was {value}" for name, value in received.headers.items()))


def basic(secrets):
    return "Basic " + base64.b64encode(f"alice:{secrets['password']}".encode()).decode()


def test_nothing_that_runs_shows_a_secret(launch, grpc_sink, http_sink, tmp_path, key):
    ports, secrets, config = everything(grpc_sink, http_sink, tmp_path, key)
    misfortune(grpc_sink, http_sink)
    apus = launch(config, ports)
    right, key_line = basic(secrets), key[2]
    for authorization in (right, f"Basic {MARKER}", f"Bearer {MARKER}", right[:-4]):
        try:
            export(apus.grpc, "logs", otlp.sample("logs", 1), metadata=[("authorization", authorization)])
        except grpc.RpcError as error:
            assert MARKER not in str(error)
        status, _, body = get(
            ports["http"], "/v1/traces", "POST", {"content-type": JSON, "authorization": authorization}, b"{}")
        assert status == (200 if authorization == right else 401) and MARKER not in body.decode()
    apus.wait_for_log("answered with status 401")
    apus.wait_for_log("UNAUTHENTICATED")
    pages = [get(ports["metrics"], "/metrics"), get(ports["health"], "/")]
    pages += [get(ports["zpages"], f"/debug/{page}") for page in ("servicez", "pipelinez", "extensionz", "featurez", "tracez")]
    apus.write({**config, "extensions": {**config["extensions"], "bearertokenauth": {"token": secrets["token"] + "\n"}}})
    apus.signal(1)
    apus.wait_for_log("must not have a line break")
    apus.stop()
    shown = [page for page in pages if MARKER in str(page) or key_line in str(page)]
    hidden = [line for line in apus.log.splitlines() if MARKER in line or key_line in line or right[6:] in line]
    assert not shown and not hidden, "\n".join([*map(str, shown), *hidden])


def test_the_admin_api_shows_no_secret(launch, grpc_sink, http_sink, tmp_path, key):
    ports, secrets, config = everything(grpc_sink, http_sink, tmp_path, key)
    misfortune(grpc_sink, http_sink)
    path = tmp_path / "admin.sock"
    apus = launch(
        config, ports, env={"STATE_DIRECTORY": str(tmp_path / "state")}, arguments=("--admin", f"unix://{path}"))
    answers = []

    def ask(resource, method="GET", body=None, kind="application/json", seconds=30):
        arguments = ["-d", body if isinstance(body, str) else json.dumps(body)] if body is not None else []
        done = subprocess.run(
            ["curl", "-sS", "-i", "-m", str(seconds), "--unix-socket", str(path), "-X", method, "-H",
             f"content-type: {kind}", *arguments, f"http://localhost{resource}"], capture_output=True, text=True)
        answers.append((method, resource, done.stdout))
        return done.stdout

    right = basic(secrets)
    export(apus.grpc, "logs", otlp.sample("logs", 1), metadata=[("authorization", right)])
    apus.wait_for_log("answered with status 401")
    apus.wait_for_log("UNAUTHENTICATED")

    # A change that works and brings another secret, one that does not, and texts that are none.
    other = {**config, "extensions": {**config["extensions"], "bearertokenauth": {"token": f"{MARKER}-other"}}}
    wrong = {**config, "extensions": {**config["extensions"], "bearertokenauth": {"tokens": MARKER}}}
    loose = {**config, "extensions": {**config["extensions"], "bearertokenauth": {"tokn": MARKER}}}
    for action in (":validate", ":plan"):
        for document in (config, other, wrong, loose, f'{{"extensions": {{"a": {{"token": "{MARKER}"'):
            ask(f"/v1/config{action}", "POST", document)
            text = document if isinstance(document, str) else yaml.safe_dump(document)
            ask(f"/v1/config{action}", "POST", text, kind="application/yaml")
    # Without the precondition nothing changes, and with it everything does.
    for method, document in (("PUT", wrong), ("PUT", other), ("PATCH", {"extensions": other["extensions"]})):
        ask("/v1/config", method, document, kind="application/merge-patch+json" if method == "PATCH" else "application/json")
    etag = re.search(r'(?im)^etag: (.*)$', ask("/v1/config")).group(1)
    done = subprocess.run(
        ["curl", "-sS", "-i", "--unix-socket", str(path), "-X", "PUT", "-H", f"if-match: {etag}", "-H",
         "content-type: application/json", "-d", json.dumps(other), "http://localhost/v1/config"],
        capture_output=True, text=True)
    answers.append(("PUT", "/v1/config", done.stdout))
    if done.stdout.startswith("HTTP/1.1 202"):
        # It takes its time on a busy machine; the operation has the answer then.
        operation = re.search(r"(?im)^location: (\S+)", done.stdout).group(1)
        eventually(lambda: '"done":true' in ask(operation), "the change to be done")
        assert '"error"' not in answers[-1][2], answers[-1]
    else:
        assert done.stdout.startswith("HTTP/1.1 200"), done.stdout
    assert "***(" in ask("/v1/config")

    document = command("schema", "-o", "json", check=0).stdout  # the schema itself has no values
    assert MARKER not in document
    for resource in (
            "/v1/config", "/v1/config/state", "/v1/config/pipelines", "/v1/config/pipelines/logs",
            "/v1/config/revisions", "/v1/components", "/v1/pipelines", "/v1/pipelines/logs", "/v1/queues",
            "/v1/log-levels", "/v1/dead-letters", "/v1/operations", "/v1/build", "/v1/runtime", "/v1/metrics",
            "/v1/diagnostics", "/v1/schema", "/v1/components/available", "/openapi.json"):
        assert ask(resource).startswith("HTTP/1.1 200"), answers[-1]
    for kind in ("receivers", "processors", "exporters", "extensions"):
        for name in config[kind]:
            escaped = name.replace("/", "%2F")
            assert ask(f"/v1/components/{kind[:-1]}/{escaped}").startswith("HTTP/1.1 200"), answers[-1]
            assert ask(f"/v1/config/components/{kind[:-1]}/{escaped}").startswith("HTTP/1.1 200"), answers[-1]
    for revision in json.loads(ask("/v1/config/revisions").split("\n\n", 1)[1])["revisions"]:
        ask(f"/v1/config/revisions/{revision['id']}")
        ask(f"/v1/config/revisions/{revision['id']}/diff")
    ask("/v1/events", seconds=2)
    apus.stop()
    forbidden = (MARKER, key[2], right[6:])
    shown = [answer for answer in answers if any(text in answer[2] for text in forbidden)]
    hidden = [line for line in apus.log.splitlines() if any(text in line for text in forbidden)]
    assert not shown and not hidden, "\n".join([*(str(answer)[:3000] for answer in shown), *hidden])
