"""A picture of a building at work: Gazebo Classic's own camera, drawn in software, while robots deliver."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from matplotlib.image import imread, imsave

from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.gazebo.building import GazeboBuilding, drives_of
from building_ctrl.gazebo.classic.display import software_display
from building_ctrl.gazebo.classic.root import ClassicRoot
from building_ctrl.gazebo.classic.session import ClassicOptions, classic_world
from building_ctrl.gazebo.export.building import describe
from building_ctrl.gazebo.export.classic import classic_sdf
from building_ctrl.gazebo.export.sdf import add_pose, child, text_of
from building_ctrl.gazebo.lockstep import LockstepBuilding
from building_ctrl.gazebo.world import Pose, WorldOptions
from building_ctrl.gazebo.world_port import WorldError
from building_ctrl.sim.scenario import make_scenario
from building_ctrl.sim.virtual import START_S, rehearse

FIELD_OF_VIEW_RAD = 0.90
SHOTS_HZ = 1.0
TASKS_PER_ROBOT = 2
ENDINGS = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """What to show: the building after so many seconds of deliveries, its walls low enough to look over."""

    map_file: Path
    robots: int
    seconds: float
    seed: int
    root: ClassicRoot
    output: Path
    width: int = 1600
    height: int = 1000
    wall_height_m: float = 1.2


def take_picture(options: PictureOptions) -> None:
    """Write the picture, as its file name's ending says. Raises MapError, ValueError, ClassicError, WorldError or
    OSError with one line."""
    if options.output.suffix.lower() not in ENDINGS:
        raise ValueError(f"{options.output}: not a kind of picture; let its name end with .png or .jpg")
    building = load_building(options.map_file)
    roadmap = build_roadmap(building)
    tasks = TASKS_PER_ROBOT * options.robots
    scenario = make_scenario(building, roadmap, options.robots, tasks, options.seconds, options.seed)
    rehearse(building, roadmap, scenario)
    described = describe(building, scenario.robots, WorldOptions(wall_height_m=options.wall_height_m))
    with tempfile.TemporaryDirectory(prefix="building_ctrl-picture-", dir=options.root.path / "tmp") as folder:
        shots = Path(folder) / "shots"
        camera = camera_sdf(classic_sdf(described), described.camera, options, options.root.inside(shots))
        with software_display(options.root, 640, 480) as environment:
            classic = ClassicOptions(
                options.root, Path(folder) / "gzserver.log", True, options.seed, environment=environment
            )
            with classic_world(classic, camera, drives_of(described.index)) as port:
                world = GazeboBuilding(building, roadmap, scenario.robots, described.index, port, options.seed, START_S)
                LockstepBuilding(building, roadmap, scenario, options.seed, world).run(options.seconds, False)
        _save_last(shots, options.output)


def camera_sdf(world: str, pose: Pose, options: PictureOptions, folder: str) -> str:
    """The world with a camera that saves what it sees; `folder` as Gazebo sees it."""
    root = ElementTree.fromstring(world)
    element = root.find("world")
    assert element is not None
    model = child(element, "model", name="picture_camera")
    child(model, "static", True)
    add_pose(model, pose)
    sensor = child(child(model, "link", name="link"), "sensor", name="camera", type="camera")
    child(sensor, "update_rate", SHOTS_HZ)
    child(sensor, "always_on", True)
    camera = child(sensor, "camera", name="camera")
    child(camera, "horizontal_fov", FIELD_OF_VIEW_RAD)
    image = child(camera, "image")
    child(image, "width", str(options.width))
    child(image, "height", str(options.height))
    clip = child(camera, "clip")
    child(clip, "near", 0.1)
    child(clip, "far", 1000.0)
    child(child(camera, "save", enabled="true"), "path", folder)
    return text_of(root)


def _save_last(shots: Path, output: Path) -> None:
    """The newest picture that is whole: Gazebo may have ended while it wrote the last one."""
    for path in sorted(shots.glob("*.jpg"), reverse=True):
        try:
            seen = imread(path)
        except (OSError, SyntaxError):
            continue
        imsave(output, seen)
        return
    raise WorldError("Gazebo's camera saw nothing: its root needs libgl1-mesa-dri, and the run a few seconds")
