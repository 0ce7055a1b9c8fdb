"""Lifts: where the car is, its door, its mode, and who rides."""

from __future__ import annotations

from enum import Enum

from fastapi import APIRouter

from building_ctrl.console.api.common import View, rounded, word
from building_ctrl.console.context import Ctx
from building_ctrl.console.picture import Picture
from building_ctrl.model.lift import RideState

router = APIRouter(tags=["lifts"])


class LiftMotionName(str, Enum):
    stopped = "stopped"
    up = "up"
    down = "down"
    unknown = "unknown"


class LiftDoorName(str, Enum):
    closed = "closed"
    moving = "moving"
    open = "open"


class LiftModeName(str, Enum):
    unknown = "unknown"
    human = "human"
    agv = "agv"
    fire = "fire"
    offline = "offline"
    emergency = "emergency"


class RideView(View):
    """One robot's use of a lift; `lift` is empty until one is chosen."""

    ride_id: str
    robot: str
    lift: str
    from_level: str
    to_level: str
    phase: str
    reason: str
    eta_s: float | None


class LiftView(View):
    """What a lift reports; `age_s` null: nothing yet."""

    name: str
    age_s: float | None
    level: str
    destination: str
    door: LiftDoorName
    motion: LiftMotionName
    mode: LiftModeName
    session: str


class LiftsView(View):
    """All lifts and the rides in them."""

    lifts: list[LiftView]
    rides: list[RideView]


@router.get("/lifts")
def get_lifts(ctx: Ctx) -> LiftsView:
    """All lifts, as they report, and all rides that have not ended."""
    return lifts_view(ctx.picture, [lift.name for lift in ctx.building.lifts], ctx.now())


def lifts_view(picture: Picture, names: list[str], now: float) -> LiftsView:
    """Lifts of the map first, then others that report."""
    others = [name for name in sorted(picture.lifts) if name not in names]
    return LiftsView(
        lifts=[_lift(picture, name, now) for name in [*names, *others]],
        rides=[_ride(ride) for ride in picture.rides.value if not ride.phase.ended],
    )


def _lift(picture: Picture, name: str, now: float) -> LiftView:
    heard = picture.lifts.get(name)
    if heard is None:
        return LiftView(
            name=name,
            age_s=None,
            level="",
            destination="",
            door=LiftDoorName.closed,
            motion=LiftMotionName.unknown,
            mode=LiftModeName.unknown,
            session="",
        )
    state = heard.value
    age_s = heard.age_s(now)
    return LiftView(
        name=name,
        age_s=None if age_s is None else rounded(age_s, 1),
        level=state.current_level,
        destination=state.destination_level,
        door=LiftDoorName(word(state.door)),
        motion=LiftMotionName(word(state.motion)),
        mode=LiftModeName(word(state.mode)),
        session=state.session_id,
    )


def _ride(ride: RideState) -> RideView:
    return RideView(
        ride_id=ride.ride_id,
        robot=ride.robot,
        lift=ride.lift,
        from_level=ride.from_level,
        to_level=ride.to_level,
        phase=word(ride.phase),
        reason=ride.reason,
        eta_s=rounded(ride.eta_s, 1) if ride.eta_s >= 0.0 else None,
    )
