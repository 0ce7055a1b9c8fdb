from __future__ import annotations

import numpy as np
import pytest
from delay_world import level_of

from building_ctrl.core.path.goals import GoalBook

# A room (0) at the end of a corridor 1-2-3; beyond 3 a ring 3-4-5-6 with a bay at 7.
POINTS = [(0, 0), (2, 0), (4, 0), (6, 0), (8, 0), (8, 2), (6, 2), (10, 0)]
LANES = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 3), (4, 7)]


def book() -> GoalBook:
    return GoalBook(level_of([(float(x), float(y)) for x, y in POINTS], LANES, pitch_m=2.0))


def anywhere(vertex: int) -> bool:
    return True


def test_nobody_waits_where_it_shuts_in_who_is_at_the_place() -> None:
    near_first = np.arange(8, dtype=np.float32)
    spot = book().waiting_spot("r", 0, near_first, anywhere)
    assert spot not in (1, 2, 3)


def test_a_corridor_is_the_last_resort() -> None:
    spot = book().waiting_spot("r", 0, np.arange(8, dtype=np.float32), lambda vertex: vertex in (1, 2))
    assert spot == 1


def test_two_robots_never_claim_the_same_vertex() -> None:
    goals = book()
    goals.claim("first", 4)
    with pytest.raises(ValueError, match="claimed by first"):
        goals.claim("second", 4)
    goals.claim("first", 5)
    goals.claim("second", 4)
    assert (goals.goal_of("first"), goals.goal_of("second")) == (5, 4)
    assert goals.holder(4, "third") == "second" and goals.holder(4, "second") == ""


def test_without_a_reachable_spot_there_is_none() -> None:
    assert book().waiting_spot("r", 0, np.zeros(8, dtype=np.float32), lambda vertex: False) == -1
