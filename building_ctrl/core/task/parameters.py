"""Parameters of dispatching."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DispatchParameters:
    """How tasks are given to robots. Times in seconds, batteries in percent."""

    assign_period_s: float = 1.0
    batch: int = 64  # queued tasks weighed against the free robots at once, at most
    pairs: int = 8192  # tasks times robots weighed at once, at most
    priority_head_start_s: float = 300.0  # one step of priority counts as having been asked this much earlier
    repeat_s: float = 1.0  # a destination the planner does not show yet is asked again
    robot_silent_s: float = 5.0  # without a state for this long a robot counts as lost
    handover_s: float = 30.0  # an unavailable robot keeps a task it has not picked up for this long
    give_up_s: float = 900.0  # an unavailable robot that carries goods keeps its task for this long
    refusals: int = 3  # robots that may be refused the way before a task fails
    battery_low_percent: float = 25.0
    battery_ready_percent: float = 80.0
    home_delay_s: float = 3.0
    home_reach_m: float = 0.5
    home_retry_s: float = 120.0  # a home the planner refused is tried again after this long
    parking_penalty_s: float = 15.0  # a plain parking spot is worth this much driving less than a charger
    ended_kept_s: float = 300.0
    late_after_s: float = 600.0  # a task queued for longer raises an alarm
    forget_robot_s: float = 600.0
    tasks_a_place: int = 2  # one robot there and one on its way; further tasks for the place wait in the queue
