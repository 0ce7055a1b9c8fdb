"""Fire and emergency signals: which rides may not board."""

from __future__ import annotations

from collections.abc import Iterable


class FireSignals:
    """Signals that hold now, each for some fleets or all. `latched`: only a person ends them."""

    def __init__(self, latched: bool) -> None:
        self._latched = latched
        self._fleets: dict[str, frozenset[str]] = {}
        self._given: set[str] = set()

    def signal(self, source: str, active: bool, fleets: Iterable[str]) -> None:
        """A signal was given or taken back; no fleets: for all."""
        if active:
            self._given.add(source)
            self._fleets[source] = frozenset(fleets)
            return
        self._given.discard(source)
        if not self._latched:
            self._fleets.pop(source, None)

    def reset(self) -> None:
        """Forget latched signals that are not given any more."""
        self._fleets = {source: fleets for source, fleets in self._fleets.items() if source in self._given}

    def sources(self) -> list[str]:
        return sorted(self._fleets)

    def reason(self, fleet: str) -> str:
        """Why robots of the fleet may not board; empty: they may."""
        for source, fleets in self._fleets.items():
            if not fleets or fleet in fleets:
                return f"{source}: no boarding"
        return ""
