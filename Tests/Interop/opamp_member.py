"""Our collector as an agent, for the tests of it: starting it, and what a server says and hears."""

import json

import pytest
import yaml
import opamp_messages as opamp
from conftest import configuration
from opamp_server import HTTPServer, WebSocketServer
from process import free_port, get

EVERYTHING = {
    "accepts_remote_config": True, "accepts_restart_command": True, "accepts_opamp_connection_settings": True}


@pytest.fixture
def server(afterwards):
    server = WebSocketServer(custom=[opamp.FLOW, opamp.CONFIG])
    afterwards.callback(server.close)
    return server


@pytest.fixture(params=["ws", "http"])
def either(request, afterwards):
    """A server of each transport."""
    server = (WebSocketServer if request.param == "ws" else HTTPServer)(custom=[opamp.FLOW, opamp.CONFIG])
    afterwards.callback(server.close)
    return server


def settings(server, **keys):
    """The settings of the extension for a server."""
    kind = "http" if isinstance(server, HTTPServer) else "ws"
    polling = {"polling_interval": "1s"} if kind == "http" else {}
    return {
        "server": {kind: {"endpoint": server.url, **polling}}, "capabilities": EVERYTHING,
        "heartbeat_interval": "1s", **keys}


@pytest.fixture
def join(launch, tmp_path):
    """Starts Apus as an agent of a server, with more settings of the extension, or with `opamp` as all of them."""

    def join(server, exporters=None, arguments=(), opamp=None, **keys):
        ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
        opamp_settings = {
            **(opamp or settings(server, **keys)), "storage": {"directory": str(tmp_path / "opamp")}}
        config = configuration(
            ports, exporters or {"debug": {"verbosity": "basic"}}, signals=("traces",),
            extensions={"opamp": opamp_settings})
        return launch(config, ports, arguments=arguments)

    return join


def first(server):
    return server.wait_for(lambda message: message.HasField("agent_description"), "a first report")


def offer(body, hash=b"\1", name=""):
    """Fills in a configuration."""
    text = body if isinstance(body, str) else yaml.safe_dump(body, sort_keys=False)

    def change(message):
        message.remote_config.config_hash = hash
        message.remote_config.config.config_map[name].body = text.encode()
        message.remote_config.config.config_map[name].content_type = "text/yaml"

    return change


def once(server, change):
    """Says something to the agent: at once over a WebSocket, in the next answer over plain HTTP."""
    if isinstance(server, WebSocketServer):
        return server.push(change)
    done = []

    def script(received):
        if done:
            return None
        done.append(True)
        answer = server.answer(received.message)
        change(answer)
        return answer

    server.script = script


def send_span(apus):
    span = {"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "name": "a"}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})
    code, _, answer = get(apus.ports["http"], "/v1/traces", "POST", {"Content-Type": "application/json"}, body)
    assert code == 200, answer


def status(server, value, hash=b"\1"):
    """The first report of a status of the configuration."""
    return server.wait_for(
        lambda message: message.HasField("remote_config_status")
        and message.remote_config_status.status == value
        and message.remote_config_status.last_remote_config_hash == hash, f"status {value}")


def connection_status(server, value, hash):
    return server.wait_for(
        lambda message: message.HasField("connection_settings_status")
        and message.connection_settings_status.status == value
        and message.connection_settings_status.last_connection_settings_hash == hash, f"status {value} of settings")


def effective(message):
    return "\n".join(
        file.body.decode() for file in message.effective_config.config_map.config_map.values())


SECOND = {"exporters": {"debug/second": {"verbosity": "normal"}},
          "service": {"pipelines": {"traces": {"exporters": ["debug", "debug/second"]}}}}


def settings_offer(hash, **keys):
    def change(message):
        message.connection_settings.hash = hash
        message.connection_settings.opamp.heartbeat_interval_seconds = keys.pop("heartbeat", 1)
        for name, value in keys.pop("headers", {}).items():
            message.connection_settings.opamp.headers.headers.add(key=name, value=value)
        for name, value in keys.items():
            setattr(message.connection_settings.opamp, name, value)

    return change
