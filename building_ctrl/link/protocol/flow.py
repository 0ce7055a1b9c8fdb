"""The steady exchange of telemetry and commands, taken out of a session and put back.

A session that is armed and has nothing else to say does the same few steps at every frame. An owner of many
sessions on both ends of the link (the fast simulator) may do these steps for all of them at once: it takes the
flow out, and gives it back before anything else happens to the session.
"""

from __future__ import annotations

from dataclasses import dataclass

from building_ctrl.link.protocol.messages import Command, Telemetry


@dataclass(frozen=True, slots=True)
class RobotFlow:
    """A robot's session while it obeys commands; times on the robot's clock.

    `v_mps`, `w_radps` and `set_at` are the last set point and when it was asked for, `command` the one in force.
    """

    telemetry_seq: int
    epoch: int
    command: Command
    v_mps: float
    w_radps: float
    set_at: float
    dropped: int
    heard_at: float


@dataclass(frozen=True, slots=True)
class GatewayFlow:
    """The gateway's session of a robot that is armed; `telemetry_at` on the gateway's clock."""

    epoch: int
    command_seq: int
    telemetry: Telemetry
    telemetry_at: float
    telemetry_count: int
    telemetry_lost: int
