"""The ROS 2 environment of supervised processes: domain and a DDS that stays on this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from building_ctrl.supervise.ports import is_free
from building_ctrl.supervise.resources import shared_file

PROFILE = "config/fastdds_loopback.xml"
# Fast DDS 2 (Jazzy) reads the first, Fast DDS 3 (Kilted and newer) the second.
PROFILE_VARIABLES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
HIGHEST_DOMAIN = 101  # above, DDS ports reach into Linux's range of ephemeral ports
RTPS_BASE = 7400
RTPS_DOMAIN_STEP = 250
RTPS_UNICAST = 10


def loopback_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables that keep DDS on the loopback interface; empty where the environment chooses a profile
    itself."""
    env = os.environ if environment is None else environment
    if any(env.get(name) for name in PROFILE_VARIABLES):
        return {}
    if env.get("RMW_IMPLEMENTATION", "rmw_fastrtps_cpp") != "rmw_fastrtps_cpp":
        return {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
    return dict.fromkeys(PROFILE_VARIABLES, str(shared_file(PROFILE)))


def free_domain(start: int) -> int:
    """A ROS domain nobody on this machine uses, tried from `start` on: the first participant of a domain
    binds a port that follows from its number (DDSI-RTPS 2.5, 9.6.1.1). Raises OSError where all are used."""
    for k in range(HIGHEST_DOMAIN):
        domain = 1 + (start + k) % HIGHEST_DOMAIN
        port = RTPS_BASE + RTPS_DOMAIN_STEP * domain + RTPS_UNICAST
        if is_free("127.0.0.1", port, socket.SOCK_DGRAM):
            return domain
    raise OSError(f"all ROS domains from 1 to {HIGHEST_DOMAIN} are in use: set ROS_DOMAIN_ID")
