"""Real sockets on loopback; every wait has a deadline."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator

import msgpack
import pytest
import zmq

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.keys import KeyPair, new_keys
from building_ctrl.link.protocol import decode_from_gateway, encode
from building_ctrl.link.protocol.messages import Hello, Refused
from building_ctrl.link.registry import Enrolled, Registry, revoked
from building_ctrl.link.server import LinkServer
from building_ctrl.link.zmq_transport import LinkAddressError, ZmqGatewayTransport, is_loopback
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import RobotProfile
from building_ctrl.robot import RobotClient, RobotKeys, RobotReport

DEADLINE_S = 15.0
NAMES = ("r1", "r2")


class Site:
    """A gateway on a free port of loopback, and what is needed to reach it."""

    def __init__(self, secure: bool, address: str = "tcp://127.0.0.1:*") -> None:
        self.server_keys = new_keys() if secure else None
        self.keys = {name: new_keys() for name in (*NAMES, "stranger")}
        self.registry = Registry(
            tuple(
                Enrolled(RobotProfile(name, "f"), self.keys[name].public.decode() if secure else "")
                for name in NAMES
            )
        )
        self.gateway = Gateway("g", self.registry, first_epoch=int(time.time() * 1000))
        self.gateway.turn(time.monotonic())
        self.transport = ZmqGatewayTransport(address, self.server_keys, self.gateway.allows)
        self.address = self.transport.address
        self.server = LinkServer(self.transport, self.gateway.hub, self.gateway.turn)
        self.server.start()

    def client(self, name: str, key: str = "", context: zmq.Context | None = None) -> RobotClient:
        pair = self.keys[key or name]
        keys = RobotKeys(pair.public, pair.secret, self.server_keys.public) if self.server_keys else None
        return RobotClient(self.address, name, keys, context=context).connect()

    def heard(self) -> set[str]:
        return {state.name for state in self.gateway.robot_states(time.monotonic())}


@pytest.fixture(params=[False, True], ids=["plain", "curve"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    site = Site(request.param)
    yield site
    site.server.stop()


@pytest.fixture
def secure() -> Iterator[Site]:
    site = Site(True)
    yield site
    site.server.stop()


def drive(clients: list[RobotClient], done: Callable[[], bool], deadline_s: float = DEADLINE_S) -> bool:
    """Poll robots until something holds; False at the deadline."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        for client in clients:
            client.poll(RobotReport(1.0, 2.0, 0.0))
        if done():
            return True
        if clients:
            clients[0].wait(0.01)
    return False


def test_robots_connect_report_and_are_driven(site: Site) -> None:
    site.gateway.release([ReleasedPath("r1", "L1", 1, 0, (Waypoint(5.0, 2.0),))])
    clients = [site.client(name) for name in NAMES]
    try:
        assert drive(clients, lambda: site.heard() == set(NAMES))
        assert drive(clients, lambda: clients[0].poll().v_mps > 0.05)
        assert clients[1].poll().v_mps == 0.0
        row = {r.robot: r for r in site.gateway.link_report().rows}
        assert set(row) <= set(NAMES)
        assert site.gateway.robot_states(time.monotonic())[0].level == "L1"
    finally:
        for client in clients:
            client.close()


def test_a_stranger_and_a_robot_that_speaks_for_another_are_refused(secure: Site) -> None:
    stranger, impostor, good = secure.client("r1", "stranger"), secure.client("r1", "r2"), secure.client("r1")
    everyone = [stranger, impostor, good]
    try:
        assert drive(everyone, lambda: secure.heard() == {"r1"} and bool(impostor.refusal))
        assert "r2" in impostor.refusal and not impostor.connected and not stranger.connected
        assert drive(everyone, lambda: good.session.armed)
    finally:
        for client in everyone:
            client.close()


def test_plain_text_is_not_understood_by_a_secure_gateway(secure: Site) -> None:
    plain, good = RobotClient(secure.address, "r1").connect(), secure.client("r2")
    try:
        assert drive([plain, good], lambda: "r2" in secure.heard())
        assert not plain.connected and secure.heard() == {"r2"}
    finally:
        plain.close()
        good.close()


def test_a_revoked_robot_is_cut_off_at_once_and_stays_out(secure: Site) -> None:
    clients = [secure.client(name) for name in NAMES]
    try:
        assert drive(clients, lambda: all(c.session.armed for c in clients))
        after = revoked(secure.registry, "r1")
        secure.server.call(lambda: secure.gateway.use_registry(after))
        assert drive(clients, lambda: not clients[0].connected, 3.0)
        assert "revoked" in clients[0].refusal or "not enrolled" in clients[0].refusal
        assert not drive(clients, lambda: clients[0].connected, 2.5)
        assert clients[1].session.armed
    finally:
        for client in clients:
            client.close()


def test_noise_floods_and_oversized_frames_of_one_cost_the_other_nothing(site: Site) -> None:
    context: zmq.Context = zmq.Context()
    raw = context.socket(zmq.DEALER)
    raw.setsockopt(zmq.LINGER, 0)
    if site.server_keys:
        pair = site.keys["r1"]
        raw.curve_publickey, raw.curve_secretkey = pair.public, pair.secret
        raw.curve_serverkey = site.server_keys.public
    raw.connect(site.address)
    good = site.client("r2")
    try:
        assert drive([good], lambda: good.session.armed)
        dropped_before = good.session.dropped
        raw.send(encode(Hello(1, "r1", 1, 0.0, 1)))
        for k in range(3000):
            raw.send(msgpack.packb([k % 20, *["x"] * (k % 7)]))
        raw.send_multipart([b"two", b"parts"])
        kinds: list[object] = []

        def told() -> bool:
            if raw.poll(0):
                kinds.append(decode_from_gateway(raw.recv()))
            return any(isinstance(m, Refused) for m in kinds)

        assert drive([good], told)
        raw.send(b"\x00" * 100_000)
        until = time.monotonic() + 1.0
        assert drive([good], lambda: time.monotonic() > until)
        assert good.connected and good.session.armed and good.session.dropped == dropped_before
        assert site.gateway.hub.refused_frames > 100
        assert site.server.failures == 0
        while raw.poll(200):
            kinds.append(decode_from_gateway(raw.recv()))
        assert len([m for m in kinds if isinstance(m, Refused)]) < 10
    finally:
        raw.close(0)
        context.term()
        good.close()


def test_robots_come_back_by_themselves_after_the_gateway_was_restarted(site: Site) -> None:
    client = site.client("r1")
    try:
        assert drive([client], lambda: client.session.armed)
        site.server.stop()
        assert drive([client], lambda: not client.connected)
        fresh = site.gateway = Gateway("g", site.registry, first_epoch=int(time.time() * 1000))
        again = ZmqGatewayTransport(site.address, site.server_keys, fresh.allows)
        site.server = LinkServer(again, fresh.hub, fresh.turn)
        site.server.start()
        assert drive([client], lambda: client.session.armed)
        assert "r1" in site.heard()
    finally:
        client.close()


def test_an_action_that_raises_does_not_end_the_link(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("on purpose")

    client = site.client("r1")
    try:
        with caplog.at_level(logging.ERROR):
            site.server.call(fail)
            assert drive([client], lambda: client.session.armed)
        assert site.server.failures == 1 and "on purpose" in caplog.text
    finally:
        client.close()


def test_a_port_in_use_gives_one_clear_line(site: Site) -> None:
    with pytest.raises(LinkAddressError, match="in use") as caught:
        ZmqGatewayTransport(site.address, site.server_keys, site.gateway.allows)
    assert "\n" not in str(caught.value) and "--bind" in str(caught.value)


@pytest.mark.parametrize(
    "address", ["tcp://0.0.0.0:5999", "tcp://*:5999", "tcp://192.0.2.1:5999", "nonsense"]
)
def test_plain_text_stays_on_loopback(address: str) -> None:
    with pytest.raises(LinkAddressError, match="loopback"):
        ZmqGatewayTransport(address, None)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("tcp://127.0.0.1:5570", True),
        ("tcp://127.8.0.1:*", True),
        ("tcp://[::1]:5570", True),
        ("tcp://localhost:1", True),
        ("tcp://10.0.0.1:5570", False),
        ("tcp://eth0:5570", False),
    ],
)
def test_what_counts_as_loopback(address: str, local: bool) -> None:
    assert is_loopback(address) is local


def test_an_address_that_is_none_gives_one_clear_line() -> None:
    keys: KeyPair = new_keys()
    with pytest.raises(LinkAddressError, match="cannot listen on nonsense"):
        ZmqGatewayTransport("nonsense", keys)
