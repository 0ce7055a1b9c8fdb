"""From a level's drawing to the building's frame: scale from measurements, alignment by fiducials.

The method is that of Open-RMF's building_map_tools (mean ratio of distances, circular mean of bearings, mean
translation), so that coordinates equal those of its map server to the last digit fleets depend on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from building_ctrl.building.findings import Findings

Point = tuple[float, float]

CONTRADICTION = 0.10
FIDUCIAL_TOLERANCE_M = 0.25


@dataclass(frozen=True, slots=True)
class LevelTransform:
    """p -> scale * R(rotation_rad) p + (x_m, y_m); p in drawing units with y up."""

    scale: float = 1.0
    rotation_rad: float = 0.0
    x_m: float = 0.0
    y_m: float = 0.0

    def apply(self, point: Point) -> Point:
        c, s = math.cos(self.rotation_rad), math.sin(self.rotation_rad)
        x, y = point
        return self.scale * (c * x - s * y) + self.x_m, self.scale * (s * x + c * y) + self.y_m


@dataclass(frozen=True, slots=True)
class Measurement:
    """A stretch of the drawing whose length is known."""

    number: int
    drawn_length: float
    distance_m: float


def scale_from_measurements(
    findings: Findings, level: str, measurements: Sequence[Measurement]
) -> float | None:
    """Metres per drawing unit, the mean of all measurements; None where there is none."""
    scales: list[float] = []
    for measurement in measurements:
        if measurement.drawn_length <= 0.0 or measurement.distance_m <= 0.0:
            findings.error("measurement_zero", level, f"measurement {measurement.number}")
        else:
            scales.append(measurement.distance_m / measurement.drawn_length)
    if not scales:
        return None
    mean = sum(scales) / len(scales)
    spread = (max(scales) - min(scales)) / mean
    if spread > CONTRADICTION:
        findings.warning(
            "measurements_differ", level, percent=100.0 * spread, low=min(scales), high=max(scales), mean=mean
        )
    return mean


def align(
    findings: Findings,
    level: str,
    reference: str,
    pairs: Sequence[tuple[str, Point, Point]],
    reference_scale: float,
    own_scale: float | None,
    needed: bool,
) -> LevelTransform:
    """The transform of a level other than the reference.

    pairs: (fiducial name, on the reference level, on this level), drawing units, y up. `needed` is False
    for a level without vertices, whose scale doesn't matter.
    """
    if len(pairs) < 2:
        return _align_without_turn(findings, level, reference, pairs, reference_scale, own_scale, needed)
    ratio, turn = _relative_scale_and_turn(pairs)
    if ratio is None:
        findings.error("fiducials_coincide", level, reference=reference)
        return LevelTransform(reference_scale)
    scale = reference_scale / ratio
    turned = LevelTransform(scale, turn)
    moved = [turned.apply(on_level) for _, _, on_level in pairs]
    wanted = [(reference_scale * x, reference_scale * y) for _, (x, y), _ in pairs]
    x_m = sum(w[0] - m[0] for w, m in zip(wanted, moved, strict=True)) / len(pairs)
    y_m = sum(w[1] - m[1] for w, m in zip(wanted, moved, strict=True)) / len(pairs)
    for (name, _, _), w, m in zip(pairs, wanted, moved, strict=True):
        error_m = math.hypot(m[0] + x_m - w[0], m[1] + y_m - w[1])
        if error_m > FIDUCIAL_TOLERANCE_M:
            findings.warning("fiducials_disagree", level, f"fiducial {name!r}", name=name, error_m=error_m)
    if own_scale is not None and abs(own_scale - scale) > CONTRADICTION * scale:
        findings.warning("scale_differs", level, own=own_scale, fiducials=scale)
    return LevelTransform(scale, turn, x_m, y_m)


def _align_without_turn(
    findings: Findings,
    level: str,
    reference: str,
    pairs: Sequence[tuple[str, Point, Point]],
    reference_scale: float,
    own_scale: float | None,
    needed: bool,
) -> LevelTransform:
    if own_scale is None:
        if needed:
            findings.error("no_scale", level, reference=reference)
        return LevelTransform(reference_scale)
    if not pairs:
        if needed:
            findings.warning("no_fiducials", level, reference=reference)
        return LevelTransform(own_scale)
    findings.warning("one_fiducial", level, reference=reference)
    _, (ref_x, ref_y), (x, y) = pairs[0]
    return LevelTransform(
        own_scale, 0.0, reference_scale * ref_x - own_scale * x, reference_scale * ref_y - own_scale * y
    )


def _relative_scale_and_turn(pairs: Sequence[tuple[str, Point, Point]]) -> tuple[float | None, float]:
    """(this level's drawing units per unit of the reference, angle that turns it onto the reference)."""
    ratios: list[float] = []
    sines = cosines = 0.0
    for first in range(len(pairs)):
        for second in range(first + 1, len(pairs)):
            (_, ref_a, own_a), (_, ref_b, own_b) = pairs[first], pairs[second]
            ref_x, ref_y = ref_b[0] - ref_a[0], ref_b[1] - ref_a[1]
            own_x, own_y = own_b[0] - own_a[0], own_b[1] - own_a[1]
            ref_length, own_length = math.hypot(ref_x, ref_y), math.hypot(own_x, own_y)
            if ref_length < 1e-9 or own_length < 1e-9:
                continue
            ratios.append(own_length / ref_length)
            turn = math.atan2(own_y, own_x) - math.atan2(ref_y, ref_x)
            sines += math.sin(turn)
            cosines += math.cos(turn)
    if not ratios:
        return None, 0.0
    return sum(ratios) / len(ratios), -math.atan2(sines, cosines)
