"""Events a robot keeps until its gateway has them: bounded, in order, over reconnects."""

from __future__ import annotations

from collections import deque
from itertools import islice

from building_ctrl.link.protocol.messages import MAX_EVENTS_WAITING, Event, EventKind

RESERVED = 32
WINDOW = 4
REPEAT_S = 0.5
_URGENT = frozenset(
    {
        EventKind.E_STOP_PRESSED,
        EventKind.E_STOP_RELEASED,
        EventKind.BUMPER,
        EventKind.FAULT,
        EventKind.WATCHDOG_STOP,
    }
)


class EventOutbox:
    """At most 256 events, the last 32 places for stops, bumper and faults only.

    An event that finds no place is refused and counted; before the next one that does, a note says how many were
    lost. Four are on their way at a time; an acknowledgement lets the next ones go, and what is not acknowledged
    within 0.5 s goes again from the oldest.
    """

    def __init__(self) -> None:
        self.refused = 0
        self._waiting: deque[Event] = deque()
        self._next_id = 1
        self._untold = 0
        self._sent_to = 0
        self._sent_at = -1e12

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def first_id(self) -> int:
        """Id of the oldest event kept, or the id the next one will have."""
        return self._waiting[0].id if self._waiting else self._next_id

    @property
    def last_id(self) -> int:
        """Id of the newest event, 0 before the first."""
        return self._next_id - 1

    def add(self, kind: int, detail: str, now: float) -> bool:
        """Keep an event. False where no place is left for it."""
        room = MAX_EVENTS_WAITING - len(self._waiting) - (0 if kind in _URGENT else RESERVED)
        if room < 1:
            self.refused += 1
            self._untold += 1
            return False
        if self._untold and room > 1:
            text = f"{self._untold} events lost: {MAX_EVENTS_WAITING} were waiting for the gateway"
            self._append(EventKind.NOTE, text, now)
            self._untold = 0
        self._append(kind, detail, now)
        return True

    def acknowledged(self, event_id: int) -> None:
        """The gateway has all events up to and with this one."""
        while self._waiting and self._waiting[0].id <= event_id:
            self._sent_to = max(self._sent_to, self._waiting.popleft().id)

    def restart(self) -> None:
        """A new session: what is still here goes again from the oldest."""
        self._sent_to = 0
        self._sent_at = -1e12

    def due(self, now: float) -> list[Event]:
        """Events to send now, oldest first."""
        if not self._waiting:
            return []
        if now - self._sent_at >= REPEAT_S:
            self._sent_to = 0
        start = max(0, self._sent_to + 1 - self._waiting[0].id)
        if start >= WINDOW:
            return []
        due = list(islice(self._waiting, start, WINDOW))
        if due:
            self._sent_to = due[-1].id
            self._sent_at = now
        return due

    def _append(self, kind: int, detail: str, now: float) -> None:
        self._waiting.append(Event(self._next_id, now, int(kind), detail[:256]))
        self._next_id += 1
