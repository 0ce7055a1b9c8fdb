"""What the other path planners of a building say: who owns which level and which robots, and their handovers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from building_ctrl.core.path.shard import Shard
from building_ctrl.model.shard import Handover, ShardState

FRESH_S = 5.0
LISTEN_S = 2.5


@dataclass(frozen=True, slots=True)
class Peer:
    """The newest state of another planner, and when it was heard."""

    state: ShardState
    heard_s: float
    rows: dict[str, Handover] = field(default_factory=dict)  # by id

    def fresh(self, now: float) -> bool:
        return now - self.heard_s <= FRESH_S


class Peers:
    """All other planners that were ever heard. A level belongs to the one of the newest epoch. `alone`: this planner
    owns the whole building."""

    def __init__(self, shard: Shard, epoch: int, alone: bool) -> None:
        self._shard = shard
        self._epoch = epoch
        self._alone = alone
        self._listens = not alone
        self._peers: dict[str, Peer] = {}
        self._owner: dict[str, str] = {}
        self._started_s = float("inf")
        self._rivals: dict[str, str] = {}
        self._given_up: dict[str, str] = {}

    def begin(self, now: float) -> None:
        """Beginning of a step: silence counts from the first, and levels with two owners are found.

        Of two living planners of one level the one of the lesser epoch gives it up for good; the other waits until it
        has, so that never both release paths on it.
        """
        self._started_s = min(self._started_s, now)
        self._rivals = {}
        for peer in self._fresh(now):
            for level in peer.state.levels:
                if self._shard.owns(level):
                    self._rivals[level] = peer.state.planner
                    if peer.state.epoch > self._epoch:
                        self._given_up[level] = peer.state.planner
        self._listens = not self._alone and now - self._started_s < LISTEN_S

    def contested(self, level: str) -> bool:
        """Whether another planner owns one of this planner's levels too, or may: a part of a building listens first."""
        return self._listens or level in self._rivals or level in self._given_up

    def conflicts(self) -> dict[str, str]:
        """Other planner of each level that two planners own."""
        return {**self._given_up, **self._rivals}

    def kept(self) -> tuple[str, ...]:
        """Levels that this planner owns and has not given up."""
        return tuple(sorted(self._shard.levels - self._given_up.keys()))

    def hear(self, state: ShardState, now: float) -> None:
        """Take in a state; one's own and old ones are passed over."""
        if state.epoch == self._epoch:
            return
        known = self._peers.get(state.planner)
        if known is not None and _is_old(state, known, now):
            return
        self._peers[state.planner] = Peer(state, now, {row.handover_id: row for row in state.handovers})
        self._owner = {
            level: peer.state.planner
            for peer in sorted(self._peers.values(), key=lambda peer: peer.state.epoch)
            for level in peer.state.levels
        }

    def owner_of(self, level: str, now: float) -> Peer | None:
        """The planner that owns a level, None while none is heard."""
        peer = self._peers.get(self._owner.get(level, ""))
        return peer if peer is not None and peer.fresh(now) else None

    def silent_s(self, level: str, now: float) -> float:
        """For how long nothing was heard of the planner of a level."""
        peer = self._peers.get(self._owner.get(level, ""))
        return now - (peer.heard_s if peer is not None else self._started_s)

    def holder(self, robot: str, now: float) -> str:
        """Another planner that lives and has the robot; empty where there is none."""
        return next((p.state.planner for p in self._fresh(now) if robot in p.state.robots), "")

    def rows(self, now: float) -> Iterator[tuple[Peer, Handover]]:
        """Handovers to this shard's levels that living planners ask for."""
        for peer in self._fresh(now):
            for row in peer.rows.values():
                if row.phase.of_giver and self._shard.owns(row.to_level):
                    yield peer, row

    def answer(self, handover_id: str, level: str, now: float) -> Handover | None:
        """What the owner of a level answers to a handover, None while it does not."""
        peer = self.owner_of(level, now)
        row = peer.rows.get(handover_id) if peer is not None else None
        return row if row is not None and not row.phase.of_giver else None

    def _fresh(self, now: float) -> list[Peer]:
        return [peer for peer in self._peers.values() if peer.fresh(now)]


def _is_old(state: ShardState, known: Peer, now: float) -> bool:
    """Whether a state was sent before the one known. A lesser epoch is that of a clock that was set back where the
    planner of the greater one has fallen silent."""
    if state.epoch != known.state.epoch and not known.fresh(now):
        return False
    return (state.epoch, state.seq) <= (known.state.epoch, known.state.seq)
