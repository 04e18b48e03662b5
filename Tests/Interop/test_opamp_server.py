"""Our fleet manager as an OpAMP server, against agents that are not ours: messages, numbers, sizes, codings."""

import gzip
import os
import socket
import uuid
import zlib

import opamp_messages as opamp
import pytest
from opamp_agent import PATH, HTTPAgent, WebSocketAgent
from opamp_fleet import BIG, agent, fleet, is_empty, socket_agent  # noqa: F401 (fixtures)
from process import eventually, get


# The first messages


def test_the_first_answer_says_what_the_server_can_do(agent):
    answer = agent.begin()
    assert answer.instance_uid == agent.uid
    assert answer.capabilities & 0x7 == 0x7
    assert opamp.FLOW in answer.custom_capabilities.capabilities
    assert not answer.HasField("error_response")


def test_every_answer_over_plain_http_says_what_the_server_can_do(fleet):
    agent = HTTPAgent(fleet.port)
    agent.begin()
    for _ in range(3):
        answer = agent.ask(agent.message())
        assert answer.capabilities and answer.custom_capabilities.capabilities


def test_every_message_is_answered_with_the_id_of_its_agent(agent):
    agent.begin()
    for _ in range(20):
        answer = agent.ask(agent.message())
        assert answer.instance_uid == agent.uid and is_empty(answer)


def test_messages_that_are_sent_at_once_are_all_answered(socket_agent):
    agent = socket_agent()
    agent.begin()
    for _ in range(500):
        agent.send(agent.message())
    for _ in range(500):
        assert is_empty(agent.receive())


def test_many_agents_share_a_connection(fleet, socket_agent):
    gateway = socket_agent()
    others = [WebSocketAgent(fleet.port, connected=False, name=f"behind-{number}") for number in range(20)]
    for other in others:
        assert gateway.ask(other.report()).instance_uid == other.uid
    for other in reversed(others):
        answer = gateway.ask(other.message())
        assert answer.instance_uid == other.uid and is_empty(answer)


# Numbers


def test_a_missing_number_makes_the_server_ask_for_everything(agent):
    agent.begin()
    agent.sequence += 3
    assert agent.ask(agent.message()).flags & opamp.REPORT_FULL_STATE
    assert not agent.ask(agent.report()).flags
    assert not agent.ask(agent.message()).flags


def test_an_unknown_agent_is_asked_for_everything(agent):
    agent.sequence = 41
    assert agent.ask(agent.message()).flags & opamp.REPORT_FULL_STATE
    assert not agent.ask(agent.report()).flags


def test_a_message_that_comes_again_is_answered_again(agent):
    agent.begin()
    again = agent.message()
    again.health.healthy = False
    for _ in range(3):
        answer = agent.ask(again)
        assert answer.instance_uid == agent.uid and not answer.flags
    assert not agent.ask(agent.message()).flags


def test_an_agent_that_begins_anew_is_taken_as_it_is(agent):
    agent.begin()
    for _ in range(5):
        agent.ask(agent.message())
    agent.sequence = 0
    assert not agent.ask(agent.report()).flags
    assert not agent.ask(agent.message()).flags


def test_a_poll_may_have_nothing_but_the_id(fleet):
    agent = HTTPAgent(fleet.port)
    agent.begin()
    for _ in range(3):
        answer = agent.ask(opamp.AgentToServer(instance_uid=agent.uid))
        assert answer.instance_uid == agent.uid and not answer.flags
    assert not agent.ask(agent.message()).flags


# Ids


def test_an_agent_without_an_id_gets_one(agent):
    report = agent.report(flags=opamp.REQUEST_INSTANCE_UID)
    new = agent.ask(report).agent_identification.new_instance_uid
    assert uuid.UUID(bytes=new).version == 7 and new != agent.uid
    agent.uid = new
    assert not agent.ask(agent.report()).HasField("agent_identification")


def test_a_second_agent_with_the_same_id_gets_another(socket_agent):
    old = socket_agent()
    old.begin()
    new = socket_agent(uid=old.uid)
    new.send(new.report())
    answer = new.receive_until(lambda answer: answer.HasField("agent_identification"))
    assert len(answer.agent_identification.new_instance_uid) == 16
    assert answer.agent_identification.new_instance_uid != old.uid
    # The first one keeps its id.
    assert old.ask(old.message()).instance_uid == old.uid


def test_the_server_asks_for_components_once_for_a_build(socket_agent):
    build = os.urandom(32)
    first = socket_agent()
    report = first.report()
    report.available_components.hash = build
    assert first.ask(report).flags & opamp.REPORT_AVAILABLE_COMPONENTS
    full = first.message()
    full.available_components.hash = build
    full.available_components.components["receivers"].sub_component_map["otlp"].SetInParent()
    assert not first.ask(full).flags
    second = socket_agent()
    report = second.report()
    report.available_components.hash = build
    assert not second.ask(report).flags & opamp.REPORT_AVAILABLE_COMPONENTS


# What is no message


def error_of(answer):
    """The error of an answer, which stands alone."""
    assert {field.name for field, _ in answer.ListFields()} <= {"instance_uid", "error_response"}
    return answer.error_response


@pytest.mark.parametrize("content", [
    b"\xff\xff\xff\xff", b"\x0a\x05abc",
    opamp.AgentToServer(instance_uid=b"01234567890123456789012345", sequence_num=1).SerializeToString(),
    opamp.AgentToServer(sequence_num=1).SerializeToString(), b"",
    b"\x0a\x10" + bytes(16) + b"\x2a\x03\x1a\x01\xff",
], ids=["garbage", "cut off", "26 bytes of id", "no id", "nothing", "not UTF-8"])
def test_what_is_no_message_is_a_bad_request_and_the_connection_goes_on(socket_agent, content):
    agent = socket_agent()
    agent.begin()
    error = error_of(agent.ask(b"\0" + content))
    assert error.type == opamp.BAD_REQUEST and error.error_message
    assert is_empty(agent.ask(agent.message()))


def test_what_is_no_message_is_a_bad_request_over_plain_http(fleet):
    agent = HTTPAgent(fleet.port)
    agent.begin()
    status, _, body = agent.post(b"\xff\xff\xff\xff")
    if status == 200:
        assert error_of(opamp.ServerToAgent.FromString(body)).type == opamp.BAD_REQUEST
    else:
        assert status == 400
    assert is_empty(agent.ask(agent.message()))


def test_a_tree_that_is_too_deep_is_a_bad_request(socket_agent):
    agent = socket_agent()
    agent.begin()
    message = agent.message()
    node = message.health
    for _ in range(50):
        node = node.component_health_map["inside"]
    assert "levels" in error_of(agent.ask(message)).error_message


def test_text_does_not_harm_the_server(socket_agent):
    agent = socket_agent()
    agent.begin()
    agent.send("hello")
    other = socket_agent()
    assert other.begin().instance_uid == other.uid


def test_a_message_without_a_header_is_taken(socket_agent):
    agent = socket_agent()
    answer = agent.ask(agent.report().SerializeToString())
    assert answer.instance_uid == agent.uid and not answer.HasField("error_response")


def test_a_header_that_is_longer_than_it_must_be_is_taken(socket_agent):
    agent = socket_agent()
    answer = agent.ask(b"\x80\x80\x00" + agent.report().SerializeToString())
    assert answer.instance_uid == agent.uid and not answer.HasField("error_response")


def test_a_message_in_pieces_is_put_together(socket_agent):
    agent = socket_agent()
    data = opamp.frame(agent.report())
    agent.socket.send([data[:1], data[1:20], data[20:]])
    assert agent.receive().instance_uid == agent.uid


# Sizes and codings


def large(agent):
    message = agent.report()
    message.effective_config.config_map.config_map[""].body = os.urandom(2 << 20)
    return message


def test_a_message_that_is_too_large_ends_the_connection_with_1009(socket_agent):
    agent = socket_agent()
    agent.send(large(agent))
    assert agent.close_code() == 1009
    assert socket_agent().begin().instance_uid


def test_a_request_that_is_too_large_is_refused(fleet):
    agent = HTTPAgent(fleet.port)
    assert agent.post(large(agent).SerializeToString())[0] == 413
    assert agent.ask(agent.report()).instance_uid == agent.uid


def test_a_request_that_becomes_too_large_is_refused(fleet):
    agent = HTTPAgent(fleet.port)
    bomb = gzip.compress(bytes(64 << 20))
    assert agent.post(bomb, Content_Encoding="gzip")[0] == 413


def test_requests_may_be_compressed(fleet):
    agent = HTTPAgent(fleet.port)
    status, _, body = agent.post(gzip.compress(agent.report().SerializeToString()), Content_Encoding="gzip")
    assert status == 200
    assert opamp.ServerToAgent.FromString(body).instance_uid == agent.uid


def test_another_coding_is_refused(fleet):
    agent = HTTPAgent(fleet.port)
    data = zlib.compress(agent.report().SerializeToString())
    assert agent.post(data, Content_Encoding="br")[0] == 415


CODINGS = [
    ("gzip", True), ("deflate, gzip", True), ("deflate;q=1.0, gzip;q=0.5", True),
    ("deflate;q=1.0, gzip;q=0", False), ("gzip;q=0, *;q=1", False), ("gzip ; q = 0", False), ("gzip;q=0.0", False),
    ("gzip;level=1;q=0", False), ("deflate, br", False), ("*", True), ("GZIP", True), (None, False),
    ("gzip;q=bad", False), ("*;q=0", False), ("identity;q=1, *;q=0", False),
]


@pytest.fixture(scope="module")
def offered(fleet):
    """Agents over plain HTTP, one for each coding, all of which get a configuration of 5 KB with an answer."""
    agents = {accepted: HTTPAgent(fleet.port, name="coding") for accepted, _ in CODINGS}
    for one in agents.values():
        one.begin()
    fleet.roll_out(BIG, name="coding", selector="service.name=coding")
    return agents


@pytest.mark.parametrize("accepted, expected", CODINGS)
def test_answers_are_compressed_when_the_agent_takes_it(offered, accepted, expected):
    agent = offered[accepted]
    headers = {} if accepted is None else {"Accept_Encoding": accepted}

    def poll():
        status, fields, body = agent.post(agent.message().SerializeToString(), **headers)
        assert status == 200
        compressed = fields["Content-Encoding"] == "gzip"
        answer = opamp.ServerToAgent.FromString(gzip.decompress(body) if compressed else body)
        return (answer, compressed) if answer.HasField("remote_config") else None

    answer, compressed = eventually(poll, "an offer")
    assert compressed == expected
    assert answer.remote_config.config.config_map[""].body == BIG.encode()


# Paths and methods


def test_requests_that_are_not_for_opamp_are_refused(fleet):
    assert get(fleet.port, "/elsewhere")[0] == 404
    assert get(fleet.port, PATH)[0] in (400, 405, 426)
    assert get(fleet.port, PATH, "DELETE")[0] in (400, 405)
    body = opamp.AgentToServer(instance_uid=opamp.new_uid()).SerializeToString()
    assert get(fleet.port, PATH, "POST", {"Content-Type": "application/json"}, body)[0] in (400, 405, 415, 426)


def test_a_page_of_another_site_cannot_open_a_connection(fleet):
    with socket.create_connection(("127.0.0.1", fleet.port), 10) as raw:
        raw.sendall(
            f"GET {PATH} HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Origin: http://evil.example\r\n\r\n".encode())
        assert b" 101 " not in raw.recv(200)
