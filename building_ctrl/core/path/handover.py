"""Handing robots over between path planners, through lifts.

The order of acquisition is fixed: an exit on the other level, then the car, then the berth before it. So nobody boards
who could not get out, and no circle of robots that wait for each other can lead over a lift.

Every planner repeats all it wants and all it grants, each message standing for itself, so that lost, repeated and late
messages do no harm. Who has a robot in a cabin follows from the lift planner's ride: from boarding on it belongs to the
planner of the level the ride goes to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from building_ctrl.core.path.exits import Arrival, ExitBook
from building_ctrl.core.path.journey import Journey
from building_ctrl.core.path.peers import Peers
from building_ctrl.core.path.shard import Shard
from building_ctrl.model.shard import Handover, HandoverPhase, ShardState

REPEAT_S = 1.0


@dataclass(slots=True)
class _Asked:
    handover_id: str
    row: Handover
    wanted_s: float


class Handovers:
    """The giver's side: exits asked for, here or of other planners, and robots offered to them."""

    def __init__(self, shard: Shard, epoch: int, peers: Peers, exits: ExitBook) -> None:
        self._shard = shard
        self._epoch = epoch
        self._peers = peers
        self._exits = exits
        self._asked: dict[str, _Asked] = {}
        self._count = 0

    def want(self, journey: Journey, to_level: str, lift: str, now: float, boarded: bool = False) -> bool:
        """Ask for an exit, or keep it, to be repeated in every step; returns whether it is reserved."""
        if self._shard.owns(to_level):
            mask = journey.state.graph_mask
            return self._exits.hold(Arrival(journey.name, to_level, lift, mask, journey.request), now)
        asked = self._asked.get(journey.name)
        if asked is None or asked.row.to_level != to_level:
            self._count += 1
            handover_id = f"{journey.name}/{self._epoch}.{self._count}"
        else:
            handover_id = asked.handover_id
        row = Handover(
            handover_id=handover_id,
            robot=journey.name,
            fleet=journey.fleet,
            from_level=journey.level,
            to_level=to_level,
            lift=lift,
            graph_mask=journey.state.graph_mask,
            phase=HandoverPhase.BOARDED if boarded else HandoverPhase.ASKED,
            request=journey.request,
            request_age_s=max(0.0, now - journey.since_s) if journey.request else 0.0,
        )
        self._asked[journey.name] = _Asked(handover_id, row, now)
        return self._answer(row, now) in (HandoverPhase.GRANTED, HandoverPhase.TAKEN)

    def taken(self, robot: str, now: float) -> bool:
        """Whether the other planner says that the robot is its own now."""
        asked = self._asked.get(robot)
        return asked is not None and self._answer(asked.row, now) is HandoverPhase.TAKEN

    def obstacle(self, robot: str, to_level: str, now: float) -> str:
        """What a robot waits for that has no exit yet."""
        asked = self._asked.get(robot)
        if self._shard.owns(to_level) or asked is None:
            return f"a free place on level {to_level}"
        if self._peers.owner_of(to_level, now) is None:
            return f"the path planner of level {to_level}"
        answer = self._peers.answer(asked.handover_id, to_level, now)
        return answer.reason if answer is not None and answer.reason else f"an exit on level {to_level}"

    def finish(self, now: float) -> None:
        """End of a step: withdraw what was not wanted in it."""
        self._asked = {robot: asked for robot, asked in self._asked.items() if asked.wanted_s >= now}

    def rows(self) -> tuple[Handover, ...]:
        return tuple(asked.row for asked in self._asked.values())

    def _answer(self, row: Handover, now: float) -> HandoverPhase | None:
        answer = self._peers.answer(row.handover_id, row.to_level, now)
        return answer.phase if answer is not None else None


class Announcer:
    """Says what a planner owns and hands over: at once where it changes, and once a second."""

    def __init__(self, shard: Shard, epoch: int) -> None:
        self._shard = shard
        self._epoch = epoch
        self._seq = 0
        self._said: object = None
        self._said_s = float("-inf")

    def due(
        self, levels: Sequence[str], robots: Sequence[str], handovers: Sequence[Handover], now: float
    ) -> ShardState | None:
        """The state to send now, None where none is due."""
        plain = [(row.handover_id, row.phase, row.reason, row.request) for row in handovers]
        content = (tuple(levels), tuple(robots), plain)
        if content == self._said and now - self._said_s < REPEAT_S:
            return None
        self._said, self._said_s = content, now
        self._seq += 1
        return ShardState(self._shard.name, self._epoch, self._seq, tuple(levels), tuple(robots), tuple(handovers))
