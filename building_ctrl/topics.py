"""The table of topics: every topic the platform speaks, with type, rate, QoS and who speaks and listens.

Diagrams and docs/reference/topics.md are made from it; a test holds it against what the running nodes advertise.
"""

from __future__ import annotations

from dataclasses import dataclass

DISPLAY = ("console", "recorder")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `type_name` is `package/Message`; `rate_hz` the usual rate, 0 for on change or on demand.

    `publishers` and `subscribers` name processes of the table of processes, or `adapter` for what an integrator brings.
    """

    name: str
    type_name: str
    publishers: tuple[str, ...]
    subscribers: tuple[str, ...]
    rate_hz: float = 0.0
    depth: int = 10
    transient_local: bool = False
    recorded: bool = True
    help: str = ""


def _table(*topics: Topic) -> dict[str, Topic]:
    return {topic.name: topic for topic in topics}


TOPICS: dict[str, Topic] = _table(
    Topic(
        "robot_states",
        "building_ctrl_msgs/RobotStates",
        ("gateway", "fleet_gateway"),
        ("path_planner", "dispatcher", *DISPLAY),
        rate_hz=10,
        depth=5,
        help="All robots of a gateway, one message a cycle.",
    ),
    Topic(
        "link_states",
        "building_ctrl_msgs/LinkStates",
        ("gateway",),
        ("sim", "recorder"),
        rate_hz=1,
        help="Quality of the robot link, a row a robot.",
    ),
    Topic(
        "stream_requests",
        "building_ctrl_msgs/StreamRequest",
        ("adapter",),
        ("gateway", "recorder"),
        rate_hz=1,
        depth=100,
        help="Who watches which robot's optional streams; repeated as heartbeat.",
    ),
    Topic(
        "robot_batteries",
        "sensor_msgs/BatteryState",
        ("gateway",),
        ("adapter", "recorder"),
        help="Batteries of watched robots; frame_id ROBOT/battery.",
    ),
    Topic(
        "robot_wheels",
        "sensor_msgs/JointState",
        ("gateway",),
        ("adapter", "recorder"),
        rate_hz=20,
        help="Wheels of watched robots; frame_id ROBOT/wheels.",
    ),
    Topic(
        "robot_scans",
        "sensor_msgs/LaserScan",
        ("gateway",),
        ("adapter", "recorder"),
        rate_hz=10,
        help="Lidar scans of watched robots; frame_id ROBOT/lidar.",
    ),
    Topic(
        "robot_images",
        "sensor_msgs/CompressedImage",
        ("gateway",),
        ("adapter", "recorder"),
        rate_hz=5,
        depth=2,
        recorded=False,
        help="Images of watched robots; frame_id ROBOT/camera.",
    ),
    Topic(
        "fleet_states",
        "rmf_fleet_msgs/FleetState",
        ("gateway", "adapter"),
        ("fleet_gateway", "adapter", "recorder"),
        rate_hz=1,
        depth=100,
        help="Our fleets for Open-RMF's tools, and other fleets for us.",
    ),
    Topic(
        "released_paths",
        "building_ctrl_msgs/ReleasedPaths",
        ("path_planner",),
        ("gateway", "fleet_gateway", *DISPLAY),
        rate_hz=1,
        depth=100,
        help="Stretches robots may drive, with what is planned beyond.",
    ),
    Topic(
        "robot_path_requests",
        "rmf_fleet_msgs/PathRequest",
        ("fleet_gateway",),
        ("adapter", "recorder"),
        help="What is released to robots of other fleets.",
    ),
    Topic(
        "robot_clear_requests",
        "building_ctrl_msgs/RobotClearRequest",
        ("adapter",),
        ("path_planner", "recorder"),
        help="A person has seen to a robot in quarantine: it may go on, or it is off the floor.",
    ),
    Topic(
        "planner_state",
        "building_ctrl_msgs/PlannerState",
        ("path_planner",),
        ("dispatcher", "sim", *DISPLAY),
        rate_hz=2,
        help="Who is on the way where, and who waits for whom.",
    ),
    Topic(
        "shard_states",
        "building_ctrl_msgs/ShardState",
        ("path_planner",),
        ("path_planner", "recorder"),
        rate_hz=1,
        depth=100,
        help="Which path planner owns which levels and robots, and robots it hands over.",
    ),
    Topic(
        "destination_requests",
        "rmf_fleet_msgs/DestinationRequest",
        ("dispatcher",),
        ("path_planner", "recorder"),
        depth=200,
        help="Send a robot to a vertex.",
    ),
    Topic(
        "lane_closure_requests",
        "rmf_fleet_msgs/LaneRequest",
        ("adapter",),
        ("path_planner", "recorder"),
        help="Open and close lanes, numbered as in the fleet's navigation graph.",
    ),
    Topic(
        "closed_lanes",
        "rmf_fleet_msgs/ClosedLanes",
        ("path_planner",),
        ("adapter", "recorder"),
        depth=32,
        transient_local=True,
        help="Lanes a fleet may not use now, a message a fleet.",
    ),
    Topic(
        "speed_limit_requests",
        "rmf_fleet_msgs/SpeedLimitRequest",
        ("adapter",),
        ("path_planner", "recorder"),
        help="Set and remove speed limits of lanes.",
    ),
    Topic(
        "closure_requests",
        "building_ctrl_msgs/ClosureRequest",
        ("adapter",),
        ("path_planner", "recorder"),
        help="Close an area or a line to robots, or open it again.",
    ),
    Topic(
        "closures",
        "building_ctrl_msgs/Closures",
        ("path_planner",),
        ("adapter", "recorder"),
        depth=1,
        transient_local=True,
        help="Closed areas and lines, on change.",
    ),
    Topic(
        "ride_requests",
        "building_ctrl_msgs/RideRequest",
        ("path_planner",),
        ("lift_planner", "sim", "recorder"),
        rate_hz=1,
        depth=100,
        help="Robots' rides: wanted, boarded, alighted; repeated as heartbeat.",
    ),
    Topic(
        "ride_states",
        "building_ctrl_msgs/RideStates",
        ("lift_planner",),
        ("path_planner", "gateway", "fleet_gateway", "sim", *DISPLAY),
        rate_hz=1,
        depth=50,
        help="All rides.",
    ),
    Topic(
        "crossing_requests",
        "building_ctrl_msgs/CrossingRequest",
        ("path_planner",),
        ("door_planner", "sim", "recorder"),
        rate_hz=1,
        depth=200,
        help="Robots' crossings of doors; repeated as heartbeat.",
    ),
    Topic(
        "crossing_states",
        "building_ctrl_msgs/CrossingStates",
        ("door_planner",),
        ("path_planner", "sim", "recorder"),
        rate_hz=1,
        depth=50,
        help="All crossings.",
    ),
    Topic(
        "lift_requests",
        "rmf_lift_msgs/LiftRequest",
        ("lift_planner",),
        ("sim", "adapter", "recorder"),
        depth=100,
        transient_local=True,
        help="Requests to lifts.",
    ),
    Topic(
        "lift_states",
        "rmf_lift_msgs/LiftState",
        ("sim", "adapter"),
        ("lift_planner", "gateway", "fleet_gateway", *DISPLAY),
        rate_hz=1,
        depth=100,
        help="What lifts report.",
    ),
    Topic(
        "door_requests",
        "rmf_door_msgs/DoorRequest",
        ("door_planner",),
        ("sim", "adapter", "recorder"),
        depth=100,
        help="Requests to doors.",
    ),
    Topic(
        "adapter_door_requests",
        "rmf_door_msgs/DoorRequest",
        ("adapter",),
        ("door_planner", "recorder"),
        depth=100,
        help="Requests of other fleets, relayed with a lease.",
    ),
    Topic(
        "door_states",
        "rmf_door_msgs/DoorState",
        ("sim", "adapter"),
        ("door_planner", *DISPLAY),
        rate_hz=1,
        depth=100,
        help="What doors report.",
    ),
    Topic(
        "door_supervisor_heartbeat",
        "rmf_door_msgs/SupervisorHeartbeat",
        ("door_planner",),
        ("adapter", "recorder"),
        rate_hz=1,
        help="Who holds which door.",
    ),
    Topic(
        "task_api_requests",
        "rmf_task_msgs/ApiRequest",
        ("console", "adapter"),
        ("dispatcher", "recorder"),
        depth=100,
        transient_local=True,
        help="Tasks, in Open-RMF's JSON.",
    ),
    Topic(
        "task_api_responses",
        "rmf_task_msgs/ApiResponse",
        ("dispatcher",),
        ("console", "adapter", "recorder"),
        depth=100,
        transient_local=True,
        help="Answers to them.",
    ),
    Topic(
        "task_states",
        "building_ctrl_msgs/TaskStates",
        ("dispatcher",),
        ("path_planner", "console", "sim", "recorder"),
        rate_hz=1,
        help="Tasks that are not ended or ended lately.",
    ),
    Topic(
        "robot_pause_requests",
        "rmf_fleet_msgs/PauseRequest",
        ("adapter",),
        ("gateway", "recorder"),
        help="Pause or resume a robot.",
    ),
    Topic(
        "robot_mode_requests",
        "rmf_fleet_msgs/ModeRequest",
        ("adapter",),
        ("gateway", "recorder"),
        help="Change a robot's mode.",
    ),
    Topic(
        "robot_requests",
        "building_ctrl_msgs/RobotRequest",
        ("adapter",),
        ("gateway", "recorder"),
        depth=200,
        help="Pause, stops by category, manual driving and resume, each by somebody.",
    ),
    Topic(
        "robot_request_states",
        "building_ctrl_msgs/RobotRequestStates",
        ("gateway",),
        ("adapter", "recorder"),
        rate_hz=2,
        help="What became of requests to robots, and which of them hold a robot.",
    ),
    Topic(
        "manual_drives",
        "building_ctrl_msgs/ManualDrive",
        ("adapter",),
        ("gateway", "recorder"),
        rate_hz=10,
        help="Velocities of an operator who holds the dead-man.",
    ),
    Topic(
        "robot_pose_fixes",
        "building_ctrl_msgs/RobotPoseFixes",
        ("adapter",),
        ("gateway", "recorder"),
        rate_hz=2,
        depth=50,
        help="Where robots that report only odometry were seen.",
    ),
    Topic(
        "diagnostics",
        "diagnostic_msgs/DiagnosticArray",
        ("gateway",),
        ("adapter", "recorder"),
        rate_hz=1,
        help="The gateway and every robot's link, for ROS's diagnostic tools.",
    ),
    Topic(
        "fire_alarm_trigger",
        "std_msgs/Bool",
        ("adapter",),
        ("lift_planner", "door_planner", "recorder"),
        depth=1,
        transient_local=True,
        help="The building's fire alarm.",
    ),
    Topic(
        "emergency_signal",
        "rmf_fleet_msgs/EmergencySignal",
        ("adapter",),
        ("lift_planner", "recorder"),
        depth=1,
        transient_local=True,
        help="An emergency for some fleets, or all.",
    ),
    Topic(
        "alarms",
        "building_ctrl_msgs/Alarms",
        ("gateway", "fleet_gateway", "path_planner", "lift_planner", "door_planner", "dispatcher", "sim"),
        DISPLAY,
        rate_hz=1,
        depth=50,
        help="Alarms of every process.",
    ),
    Topic(
        "simulator_report",
        "building_ctrl_msgs/SimulatorReport",
        ("sim",),
        ("recorder",),
        rate_hz=1,
        help="What the simulator's independent checker measured.",
    ),
)


def topic(name: str) -> Topic:
    """The topic of that name. Raises KeyError for one that is not in the table."""
    try:
        return TOPICS[name]
    except KeyError:
        raise KeyError(f"no topic {name!r} in the table of topics (building_ctrl/topics.py)") from None
