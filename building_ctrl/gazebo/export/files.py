"""The files of an export."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from building_ctrl.gazebo.export.bridge import bridge_yaml
from building_ctrl.gazebo.export.classic import classic_sdf
from building_ctrl.gazebo.export.gz import gz_sdf
from building_ctrl.gazebo.index import index_text
from building_ctrl.gazebo.names import BRIDGE_FILE, CLASSIC_FILE, GZ_FILE, INDEX_FILE
from building_ctrl.gazebo.world import World


class Dialect(str, Enum):
    """Which Gazebo: gz-sim, Classic, or files for both."""

    GZ = "gz"
    CLASSIC = "classic"
    BOTH = "both"


def export_texts(world: World, dialect: Dialect) -> dict[str, str]:
    """Texts of all files by name."""
    texts = {INDEX_FILE: index_text(world.index)}
    if dialect is not Dialect.CLASSIC:
        texts[GZ_FILE] = gz_sdf(world)
        texts[BRIDGE_FILE] = bridge_yaml(world.index)
    if dialect is not Dialect.GZ:
        texts[CLASSIC_FILE] = classic_sdf(world)
    return texts


def write_world(world: World, folder: Path, dialect: Dialect = Dialect.BOTH) -> tuple[Path, ...]:
    """Write all files into a folder, which is made where there is none. Raises OSError."""
    texts = export_texts(world, dialect)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(folder / name for name in texts)
