"""A LiftPlanner against lost, repeated and late messages, dead robots, restarts and lifts that misbehave.

The world's own checks run at every tick: boarding is granted only at a car that stands open for the
session, and no car moves or closes while a robot is in its doorway. At the end all faults are taken away,
and every ride has to end.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from building_ctrl.model.lift import LiftMode, RideAction

LEVELS = ("L1", "L2", "L3", "L4")


def make_machine(make_world: Any) -> type[RuleBasedStateMachine]:
    class Adversary(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.world = make_world(("A", "B"), seed=1)
            self.count = 0
            self.sent: list[tuple[float, Any]] = []
            self._tap(self.world)

        def _tap(self, world: Any) -> None:
            send = world.to_planner.send

            def record(message: Any, now: float) -> None:
                self.sent.append((now, message))
                send(message, now)

            world.to_planner.send = record

        @rule(start=st.sampled_from(LEVELS), end=st.sampled_from(LEVELS), delay=st.floats(0.0, 20.0))
        @precondition(lambda self: self.count < 5)
        def new_ride(self, start: str, end: str, delay: float) -> None:
            self.count += 1
            end = end if end != start else LEVELS[(LEVELS.index(start) + 1) % 4]
            self.world.add(f"ride{self.count}", start, end, self.world.now + delay)

        @rule(seconds=st.sampled_from([0.1, 0.5, 1.0, 3.0, 8.0, 20.0]))
        def time_goes_by(self, seconds: float) -> None:
            self.world.run(seconds)

        @rule(
            place=st.sampled_from(["entering", "inside", "leaving"]),
            fate=st.sampled_from(["", "dies", "restart"]),
        )
        def somebody_gets(self, place: str, fate: str) -> None:
            end = self.world.now + 40.0
            while self.world.now < end and not any(r.place == place for r in self.world.riders):
                self.world.tick()
            if fate == "restart":
                self.world.restart_planner()
            for rider in self.world.riders:
                rider.frozen = rider.frozen or (fate == "dies" and rider.place == place)

        @rule(which=st.integers(0, 4), action=st.sampled_from([RideAction.CANCEL, RideAction.READY]))
        def nonsense_while_aboard(self, which: int, action: RideAction) -> None:
            for rider in self.world.riders[which : which + 1]:
                if rider.place in ("inside", "leaving"):
                    wrong = replace(rider.request(self.world.now), action=action)
                    self.world.planner.ride_request(wrong, self.world.now)

        @rule(which=st.integers(0, 4))
        def robot_dies(self, which: int) -> None:
            for rider in self.world.riders[which : which + 1]:
                rider.frozen = True

        @rule()
        def robots_recover(self) -> None:
            self._recover()

        @rule(which=st.integers(0, 4))
        def cancel(self, which: int) -> None:
            for rider in self.world.riders[which : which + 1]:
                rider.cancels = True

        @rule()
        def planner_restarts(self) -> None:
            self.world.restart_planner()

        @rule(share=st.sampled_from([0.0, 0.3, 0.8]), repeat=st.sampled_from([0.0, 0.5]))
        def messages_are_lost(self, share: float, repeat: float) -> None:
            for channel in (self.world.to_lift, self.world.from_lift, self.world.to_planner):
                channel.loss, channel.repeat = share, repeat

        @rule(age=st.floats(0.0, 5.0), pick=st.randoms(use_true_random=False))
        def old_request_arrives(self, age: float, pick: random.Random) -> None:
            recent = [message for sent_s, message in self.sent if self.world.now - sent_s <= age]
            if recent:
                self.world.planner.ride_request(pick.choice(recent), self.world.now)

        @rule(lift=st.sampled_from("AB"))
        def lift_falls_silent(self, lift: str) -> None:
            self.world.lifts[lift].silent = True

        @rule(
            lift=st.sampled_from("AB"),
            mode=st.sampled_from([LiftMode.FIRE, LiftMode.OFFLINE, LiftMode.EMERGENCY]),
        )
        def lift_changes_mode(self, lift: str, mode: LiftMode) -> None:
            self.world.fault()
            self.world.sensor = True
            self.world.lifts[lift].obstructed = self._in_doorway(lift)
            self.world.lifts[lift].set_mode(mode, self.world.now)

        @rule(lift=st.sampled_from("AB"))
        def lift_loses_session(self, lift: str) -> None:
            self.world.fault()
            self.world.sensor = True
            self.world.lifts[lift].obstructed = self._in_doorway(lift)
            self.world.lifts[lift].drop_session(self.world.now)

        @rule(lift=st.sampled_from("AB"), door=st.booleans())
        def lift_sticks(self, lift: str, door: bool) -> None:
            self.world.lifts[lift].stuck_door = door
            self.world.lifts[lift].stuck_car = not door

        @rule(active=st.booleans())
        def fire_alarm(self, active: bool) -> None:
            self.world.planner.fire(active, self.world.now)

        @rule()
        def lifts_recover(self) -> None:
            self._repair()

        def _in_doorway(self, lift: str) -> bool:
            return any(r.between_doors and r.lift == lift for r in self.world.riders)

        def _repair(self) -> None:
            for lift in self.world.lifts.values():
                lift.silent = lift.stuck_door = lift.stuck_car = False
                if not lift.state().mode.takes_requests:
                    lift.set_mode(LiftMode.HUMAN, self.world.now)

        def _recover(self) -> None:
            for rider in self.world.riders:
                rider.frozen = False

        def teardown(self) -> None:
            self._repair()
            self._recover()
            self.messages_are_lost(0.0, 0.0)
            self.world.planner.fire(False, self.world.now)
            self.world.run_until_over(1500.0)
            for rider in self.world.riders:
                assert rider.place in ("outside", "out")
                assert rider.place == "out" or rider.seen.phase.ended
            self.world.run(90.0)
            assert [lift.state().session_id for lift in self.world.lifts.values()] == ["", ""]
            assert not self.world.alarms

    return Adversary


def test_no_ungranted_boarding_and_every_ride_ends(make_world: Any) -> None:
    run_state_machine_as_test(
        make_machine(make_world),
        settings=settings(
            max_examples=60,
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
