"""Reads the lifts of a map document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from building_ctrl.building.document import type_name
from building_ctrl.building.fields import Place
from building_ctrl.building.findings import Findings
from building_ctrl.building.transforms import LevelTransform
from building_ctrl.model.building import DoorKind, Lift, LiftDoor, LiftKind

# The traffic editor's numbers (LiftDoor::DoorType).
_DOOR_TYPES = {
    0: DoorKind.UNKNOWN,
    1: DoorKind.SLIDING,
    2: DoorKind.DOUBLE_SLIDING,
    3: DoorKind.TELESCOPE,
    4: DoorKind.DOUBLE_TELESCOPE,
}


def read_lifts(
    findings: Findings,
    node: object,
    elevations: Mapping[str, float],
    transforms: Mapping[str, LevelTransform],
    reference_level: str,
    y_sign: float,
) -> tuple[Lift, ...]:
    """All lifts. elevations and transforms are keyed by level name."""
    building = Place(findings, "", "")
    return tuple(
        _lift(
            Place(findings, "", f"lift {name!r}"),
            str(name),
            values,
            elevations,
            transforms,
            reference_level,
            y_sign,
        )
        for name, values in building.mapping("lifts", node).items()
    )


def _lift(
    place: Place,
    name: str,
    node: object,
    elevations: Mapping[str, float],
    transforms: Mapping[str, LevelTransform],
    reference_level: str,
    y_sign: float,
) -> Lift:
    values = place.mapping("lift", node)
    reference = _level_named(place, "reference_floor_name", values, elevations) or reference_level
    transform = transforms.get(reference, LevelTransform())
    x_m, y_m = transform.apply(
        (place.number("x", values.get("x")), y_sign * place.number("y", values.get("y")))
    )
    width_m = place.number("width", values.get("width"))
    depth_m = place.number("depth", values.get("depth"))
    if width_m <= 0.0 or depth_m <= 0.0:
        place.findings.error("lift_size", item=place.item, width=width_m, depth=depth_m)
    doors = tuple(_doors(place, values.get("doors")))
    level_doors = _level_doors(place, values, doors, elevations)
    if not any(names for _, names in level_doors):
        place.findings.warning("lift_no_doors", item=place.item)
    served = [level for level, names in level_doors if names]
    initial = _level_named(place, "initial_floor_name", values, elevations)
    return Lift(
        name=name,
        x_m=x_m,
        y_m=y_m,
        yaw_rad=place.number("yaw", values.get("yaw", 0.0)) + transform.rotation_rad,
        width_m=width_m,
        depth_m=depth_m,
        doors=doors,
        level_doors=level_doors,
        initial_level=initial or (reference if reference in served else (served[0] if served else reference)),
        reference_level=reference,
        kind=_kind(place, values.get("kind")),
    )


def _level_named(
    place: Place, key: str, values: Mapping[object, object], elevations: Mapping[str, float]
) -> str:
    """The level a key names; empty where it names none or an unknown one."""
    name = place.text(key, values.get(key))
    if name and name not in elevations:
        place.findings.error("lift_level", item=place.item, found=name, levels=", ".join(elevations))
        return ""
    return name


def _kind(place: Place, value: object) -> LiftKind:
    text = place.text("kind", value)
    if not text:
        return LiftKind.SHARED
    try:
        return LiftKind(text)
    except ValueError:
        place.findings.error("lift_kind", item=place.item, found=text[:40])
        return LiftKind.SHARED


def _doors(lift: Place, node: object) -> Iterator[LiftDoor]:
    for name, entry in lift.mapping("doors", node).items():
        place = Place(lift.findings, "", f"{lift.item}, door {str(name)!r}")
        values = place.mapping("door", entry)
        written = values.get("door_type", 2)
        kind = (
            _DOOR_TYPES.get(written) if isinstance(written, int) and not isinstance(written, bool) else None
        )
        if kind is None:
            lift.findings.error("lift_door_kind", item=place.item, found=type_name(written))
        width_m = place.number("width", values.get("width"))
        if width_m <= 0.0:
            lift.findings.error("door_zero", item=place.item)
        yield LiftDoor(
            name=str(name),
            x_m=place.number("x", values.get("x")),
            y_m=place.number("y", values.get("y")),
            yaw_rad=place.number("motion_axis_orientation", values.get("motion_axis_orientation", 0.0)),
            width_m=width_m,
            kind=kind or DoorKind.UNKNOWN,
        )


def _level_doors(
    place: Place,
    values: Mapping[object, object],
    doors: tuple[LiftDoor, ...],
    elevations: Mapping[str, float],
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(level, doors that open there), lowest level first, within lowest_floor and highest_floor."""
    known = {door.name for door in doors}
    lowest = _level_named(place, "lowest_floor", values, elevations)
    highest = _level_named(place, "highest_floor", values, elevations)
    low = elevations[lowest] if lowest else float("-inf")
    high = elevations[highest] if highest else float("inf")
    found: list[tuple[str, tuple[str, ...]]] = []
    for key, entry in place.mapping("level_doors", values.get("level_doors")).items():
        level = str(key)
        if level not in elevations:
            place.findings.error("lift_level", item=place.item, found=level, levels=", ".join(elevations))
            continue
        names = [place.text("level_doors", name) for name in place.sequence("level_doors", entry)]
        for name in names:
            if name not in known:
                place.findings.error(
                    "lift_door",
                    item=place.item,
                    level_name=level,
                    found=name,
                    doors=", ".join(sorted(known)) or "none",
                )
        if low <= elevations[level] <= high:
            found.append((level, tuple(dict.fromkeys(name for name in names if name in known))))
    return tuple(sorted(found, key=lambda pair: elevations[pair[0]]))
