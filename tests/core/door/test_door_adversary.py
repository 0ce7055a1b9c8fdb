"""A DoorPlanner against lost, repeated and old messages, dead robots, restarts and doors that misbehave.

The corridor checks at every tick that no door has left its open position while a robot is in the doorway.
At the end all faults are taken away: every crossing has to end and every door has to close.
"""

from __future__ import annotations

import random
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from building_ctrl.model.building import DoorKind
from building_ctrl.model.door import DoorMode, DoorRequest


def make_machine(make_corridor: Any) -> type[RuleBasedStateMachine]:
    class Adversary(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.corridor = make_corridor((DoorKind.SLIDING, DoorKind.SPEED_GATE))
            self.count = 0
            self.sent: list[tuple[float, Any]] = []
            send = self.corridor.to_planner.send

            def record(message: Any, now: float) -> None:
                self.sent.append((now, message))
                send(message, now)

            self.corridor.to_planner.send = record

        @rule(door=st.sampled_from(["d0", "d1"]), delay=st.floats(0.0, 15.0))
        @precondition(lambda self: self.count < 6)
        def new_crossing(self, door: str, delay: float) -> None:
            self.count += 1
            self.corridor.add(f"c{self.count}", self.corridor.now + delay, door)

        @rule(seconds=st.sampled_from([0.1, 0.5, 1.0, 3.0, 8.0]))
        def time_goes_by(self, seconds: float) -> None:
            self.corridor.run(seconds)

        @rule()
        def somebody_enters(self) -> None:
            end = self.corridor.now + 20.0
            while self.corridor.now < end and not self._in_doorway():
                self.corridor.tick()

        @rule(which=st.integers(0, 5))
        def robot_dies(self, which: int) -> None:
            for passer in self.corridor.passers[which : which + 1]:
                passer.frozen = True

        @rule()
        def robot_dies_in_doorway(self) -> None:
            for passer in self._in_doorway():
                passer.frozen = True

        @rule()
        def robots_recover(self) -> None:
            for passer in self.corridor.passers:
                passer.frozen = False

        @rule(which=st.integers(0, 5))
        def gives_up(self, which: int) -> None:
            for passer in self.corridor.passers[which : which + 1]:
                passer.gives_up = passer.place == "before" and passer.seen is None

        @rule()
        def planner_restarts(self) -> None:
            self.corridor.restart_planner()

        @rule(share=st.sampled_from([0.0, 0.3, 0.8]), repeat=st.sampled_from([0.0, 0.5]))
        def messages_are_lost(self, share: float, repeat: float) -> None:
            for channel in self.corridor.channels:
                channel.loss, channel.repeat = share, repeat

        @rule(pick=st.randoms(use_true_random=False))
        def old_request_arrives(self, pick: random.Random) -> None:
            ended = {p.crossing_id for p in self.corridor.passers if p.place == "through"}
            recent = [m for s, m in self.sent if self.corridor.now - s <= 5.0 and m.crossing_id not in ended]
            if recent:
                self.corridor.planner.crossing_request(pick.choice(recent), self.corridor.now)

        @rule(door=st.sampled_from(["d0", "d1"]), mode=st.sampled_from([DoorMode.OPEN, DoorMode.CLOSED]))
        def other_fleet(self, door: str, mode: DoorMode) -> None:
            self.corridor.planner.external_request(DoorRequest(door, "other/x", mode), self.corridor.now)

        @rule(door=st.sampled_from(["d0", "d1"]), hold_s=st.floats(0.0, 10.0))
        def person_pushes(self, door: str, hold_s: float) -> None:
            self.corridor.sensors = True  # a door a person opened may close by itself whatever it is asked
            self.corridor.doors[door].push(hold_s, self.corridor.now)

        @rule(door=st.sampled_from(["d0", "d1"]), fault=st.sampled_from(["silent", "stuck", "offline"]))
        def door_fails(self, door: str, fault: str) -> None:
            setattr(self.corridor.doors[door], fault, True)

        @rule()
        def doors_recover(self) -> None:
            for door in self.corridor.doors.values():
                door.silent = door.stuck = door.offline = False

        @rule(active=st.booleans())
        def fire_alarm(self, active: bool) -> None:
            self.corridor.planner.fire(active, self.corridor.now)

        def _in_doorway(self) -> list[Any]:
            return [passer for passer in self.corridor.passers if passer.place == "doorway"]

        def teardown(self) -> None:
            self.doors_recover()
            self.robots_recover()
            self.messages_are_lost(0.0, 0.0)
            self.fire_alarm(False)
            for door in self.corridor.doors:
                self.other_fleet(door, DoorMode.CLOSED)
                self.corridor.add(f"last-{door}", self.corridor.now, door)
            self.corridor.run_until_over(300.0)
            self.corridor.run(140.0)
            assert not self.corridor.sessions and not self.corridor.alarms
            assert all(door.opening == 0.0 for door in self.corridor.doors.values())

    return Adversary


def test_no_door_moves_onto_a_robot_and_every_crossing_ends(make_corridor: Any) -> None:
    run_state_machine_as_test(
        make_machine(make_corridor),
        settings=settings(
            max_examples=80,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            phases=(
                Phase.explicit,
                Phase.generate,
            ),  # shrinking a run of minutes takes longer than reading it
        ),
    )
