from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from building_ctrl.link.protocol import GatewaySession, LinkParameters, RobotSession, decode_from_robot, encode
from building_ctrl.link.protocol.messages import Event, EventKind, Hello, Welcome
from building_ctrl.link.protocol.outbox import RESERVED, WINDOW, EventOutbox
from building_ctrl.link.protocol.version import agreed_version


def test_when_full_notes_are_refused_first_stops_last_and_the_loss_is_told() -> None:
    box = EventOutbox()
    assert all(box.add(EventKind.NOTE, str(i), 0.0) for i in range(256 - RESERVED))
    assert not box.add(EventKind.NOTE, "one too many", 0.0)
    assert box.add(EventKind.E_STOP_PRESSED, "button", 0.0), "an e-stop found no place"
    box.acknowledged(10)
    assert box.refused == 1 and box.first_id == 11
    assert box.add(EventKind.NOTE, "after", 1.0)
    texts = []
    while len(box):
        texts += [event.detail for event in box.due(2.0)]
        box.acknowledged(box.first_id)
    lost = [text for text in texts if "events lost" in text]
    assert lost and "button" in texts and texts.index(lost[0]) < texts.index("button") < texts.index("after")


def test_a_few_are_on_their_way_at_a_time_and_acknowledgements_let_the_next_go() -> None:
    box = EventOutbox()
    for i in range(10):
        box.add(EventKind.NOTE, str(i), 0.0)
    assert [e.id for e in box.due(0.0)] == [1, 2, 3, 4] and WINDOW == 4
    assert box.due(0.1) == []
    box.acknowledged(2)
    assert [e.id for e in box.due(0.1)] == [5, 6]
    assert [e.id for e in box.due(0.7)] == [3, 4, 5, 6], "not acknowledged in time: again from the oldest"


@given(st.integers(0, 2**32), st.floats(0.0, 0.6), st.integers(1, 120))
def test_all_events_arrive_once_and_in_order_over_loss_reordering_and_reconnects(
    seed: int, loss: float, count: int
) -> None:
    chance = random.Random(seed)
    robot = RobotSession("r1", 7)
    taken: list[str] = []
    epoch, last = 100, 0
    gateway = GatewaySession("r1", 7, epoch, last, LinkParameters(), 0.0)
    now, told = 0.0, 0
    while len(taken) < count and now < 900.0:
        now += 0.05
        robot.tick(now)
        if told < count and chance.random() < 0.5:
            told += robot.event(EventKind.NOTE, str(told), now)
        frames = [f for f in robot.take() if chance.random() >= loss]
        chance.shuffle(frames)
        for frame in frames:
            message = decode_from_robot(frame)
            if isinstance(message, Hello):
                epoch += 1
                gateway = GatewaySession("r1", 7, epoch, last, LinkParameters(), now)
                gateway.welcome("g", now)
            elif isinstance(message, Event):
                gateway.receive(message, now)
        while gateway.events:
            event = gateway.events.popleft()
            taken.append(event.detail)
            last = event.id
        for frame in gateway.take():
            if chance.random() >= loss:
                robot.receive(frame, now)
        if chance.random() < 0.01:
            robot.leave("drives through a tunnel", now)
    assert taken == [str(i) for i in range(count)]


def test_the_version_spoken_is_the_greatest_both_ends_know() -> None:
    assert agreed_version(1, 1) == 1
    assert agreed_version(7, 1) == 1
    assert agreed_version(7, 2) is None
    assert agreed_version(0, 0) is None


def test_a_robot_takes_no_version_it_does_not_speak() -> None:
    robot = RobotSession("r1", 7)
    robot.tick(0.0)
    robot.receive(encode(Welcome(2, "g", 5, 0.0, 0.05, 0.3, 0)), 0.0)
    assert not robot.welcomed and "version 2" in robot.refusal
    robot.receive(encode(Welcome(1, "g", 5, 0.0, 0.05, 0.3, 0, 5571)), 0.1)
    assert robot.welcomed and robot.stream_port == 5571
