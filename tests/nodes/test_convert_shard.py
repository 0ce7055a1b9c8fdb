"""What path planners tell each other survives the way through a message."""

from __future__ import annotations

import pytest

from building_ctrl.model.path import DestinationRequest
from building_ctrl.model.shard import Handover, HandoverPhase, ShardState

convert_shard = pytest.importorskip(
    "building_ctrl.nodes.convert_shard", reason="needs the ROS 2 interface packages (make setup)"
)


@pytest.mark.parametrize("request_", [None, DestinationRequest("fleet", "r0", "L2", "desk", "task-1")])
def test_there_and_back(request_: DestinationRequest | None) -> None:
    asked = Handover("r0/9.1", "r0", "fleet", "L1", "L2", "A", 3, HandoverPhase.ASKED, "", request_, 2.5)
    told = Handover("r1/8.1", "r1", "fleet", "L2", "L1", "A", 1, HandoverPhase.WAITING, "a free place on level L1")
    state = ShardState("path_planner_L1", 2**52 + 1, 7, ("L1", "B1"), ("r0", "r2"), (asked, told))
    assert convert_shard.shard_state(convert_shard.shard_state_msg(state, 12.5)) == state


def test_a_phase_nobody_knows_is_refused() -> None:
    row = Handover("r0/9.1", "r0", "fleet", "L1", "L2", "A", 3, HandoverPhase.ASKED)
    message = convert_shard.shard_state_msg(ShardState("p", 1, 1, ("L1",), (), (row,)), 0.0)
    message.handovers[0].phase = 99
    with pytest.raises(ValueError, match="99"):
        convert_shard.shard_state(message)
