"""The alarms of one core object: raised, cleared, and forgotten some time after they were cleared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from building_ctrl.model.alarm import Alarm, AlarmPriority


@dataclass(frozen=True, slots=True)
class Condition:
    """Something abnormal that holds now: a kind of alarm, whom it is about, and one clear line."""

    kind: str
    source: str
    detail: str


class AlarmBook:
    """Turns the conditions of each step into alarms with a time of raising and of clearing.

    Args:
        priorities: the kinds of alarm this object may raise, each with its priority.
        keep_s: how long a cleared alarm is still listed.
    """

    def __init__(self, priorities: Mapping[str, AlarmPriority], keep_s: float = 30.0) -> None:
        self._priorities = dict(priorities)
        self._keep_s = keep_s
        self._alarms: dict[tuple[str, str], Alarm] = {}

    def update(self, conditions: Iterable[Condition], now: float) -> tuple[Alarm, ...]:
        """All alarms after this step; those no longer listed are cleared. Raises KeyError on a new kind."""
        holding = {(c.kind, c.source): c for c in conditions}
        for key, condition in holding.items():
            self._alarms[key] = self._raised(condition, self._alarms.get(key), now)
        for key, alarm in list(self._alarms.items()):
            if key in holding:
                continue
            if alarm.active:
                self._alarms[key] = replace(alarm, active=False, cleared_s=now)
            elif now - alarm.cleared_s > self._keep_s:
                del self._alarms[key]
        return tuple(self._alarms.values())

    def _raised(self, condition: Condition, known: Alarm | None, now: float) -> Alarm:
        if known is not None and known.active:
            return known if known.detail == condition.detail else replace(known, detail=condition.detail)
        return Alarm(
            alarm_id=f"{condition.kind}/{condition.source}",
            kind=condition.kind,
            source=condition.source,
            priority=self._priorities[condition.kind],
            active=True,
            raised_s=now,
            detail=condition.detail,
        )
