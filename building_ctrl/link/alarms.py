"""What a gateway raises alarms for."""

from __future__ import annotations

from building_ctrl.model.alarm import AlarmPriority

OFF_PATH = "robot_off_path"
LINK_LOST = "robot_link_lost"
E_STOP = "robot_e_stopped"
BUMPER = "robot_bumper"
FAULT = "robot_fault"
PROTECTIVE_STOP = "robot_protective_stop"
NOT_LOCALISED = "robot_not_localised"

PRIORITIES = {
    OFF_PATH: AlarmPriority.HIGH,
    LINK_LOST: AlarmPriority.MEDIUM,
    E_STOP: AlarmPriority.HIGH,
    PROTECTIVE_STOP: AlarmPriority.HIGH,
    BUMPER: AlarmPriority.MEDIUM,
    FAULT: AlarmPriority.HIGH,
    NOT_LOCALISED: AlarmPriority.MEDIUM,
}
