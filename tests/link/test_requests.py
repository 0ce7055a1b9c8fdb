"""Requests that matter, from the gateway to the robot's handler and back, over frames that get lost."""

from __future__ import annotations

import random

from building_ctrl.link.gateway import Gateway
from building_ctrl.link.protocol import RobotReport, RobotSession
from building_ctrl.link.protocol.messages import RequestKind
from building_ctrl.link.registry import Enrolled, Registry
from building_ctrl.model.robot import RobotProfile


class Pair:
    """One gateway, one robot, half of all frames lost; `served` is what reached the robot's handler."""

    def __init__(self) -> None:
        self.served: list[tuple[int, int, str]] = []
        self.gateway = Gateway("g", Registry((Enrolled(RobotProfile("r1", "f")),)))
        self.robot = RobotSession("r1", 7, request_handler=self._serve)
        self.notes: list[str] = []
        self.now = 10.0
        self._chance = random.Random(5)

    def _serve(self, kind: int, value: int, detail: str) -> tuple[bool, str]:
        self.served.append((kind, value, detail))
        return (False, "no such dock") if detail == "nowhere" else (True, "")

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.now += 0.05
            self.robot.tick(self.now)
            self.robot.report(RobotReport(0.0, 0.0, 0.0), self.now)
            for frame in self.robot.take():
                if self._chance.random() < 0.5:
                    self.gateway.hub.receive(b"c", "", frame, self.now)
            self.gateway.hub.tick(self.now)
            self.gateway.turn(self.now)
            for _, frame in self.gateway.hub.take():
                if self._chance.random() < 0.5:
                    self.robot.receive(frame, self.now)
            while self.gateway.notes:
                self.notes.append(self.gateway.notes.popleft())


def test_mode_and_dock_are_done_once_and_their_answers_are_told() -> None:
    pair = Pair()
    pair.run(3.0)
    assert pair.gateway.ask_robot("r1", RequestKind.DOCK, 0, "bay 3", pair.now)
    assert pair.gateway.ask_robot("r1", RequestKind.MODE, 3, "", pair.now)
    assert pair.gateway.ask_robot("r1", RequestKind.DOCK, 0, "nowhere", pair.now)
    pair.run(8.0)
    assert sorted(pair.served) == [(3, 3, ""), (4, 0, "bay 3"), (4, 0, "nowhere")]
    told = [note for note in pair.notes if " request " in note]
    assert len(told) == 3 and sum("not done: no such dock" in note for note in told) == 1


def test_the_newest_of_e_stop_and_release_holds_whatever_is_lost() -> None:
    pair = Pair()
    pair.run(3.0)
    for on in (True, False, True, False, True):
        pair.gateway.e_stop("r1", on, pair.now)
        pair.run(0.1)
    pair.run(6.0)
    assert pair.robot.e_stopped
    pair.gateway.e_stop("r1", False, pair.now)
    pair.run(6.0)
    assert not pair.robot.e_stopped


def test_the_seventeenth_is_refused_in_one_line() -> None:
    pair = Pair()
    taken = [pair.gateway.ask_robot("r1", RequestKind.DOCK, 0, str(i), pair.now) for i in range(17)]
    assert taken == [True] * 16 + [False]
    assert "16 requests wait" in pair.gateway.notes[-1]
    assert pair.gateway.e_stop("r1", True, pair.now)
