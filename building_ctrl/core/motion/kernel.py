"""The control law, compiled; one robot at a time over the rows of rows.py.

Tracking is pure pursuit (Coulter, CMU-RI-TR-92-01) on the predicted pose; corners beyond `corner_rad` are
turned on the spot. Braking distance with a delay t before the brake bites: d = v t + v^2 / 2a, solved for v. A jerk
limit j makes braking from v longer by v a / 2j, which is a delay of a / 2j (Biagiotti and Melchiorri, Trajectory
Planning for Automatic Machines and Robots, 2008, 3.4).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from building_ctrl.core.motion.compiled import compiled

if TYPE_CHECKING:
    from building_ctrl.core.motion.rows import Float, Rows

# Lengths of the rings: here, because the compiler's cache does not look into other files.
WAYPOINTS = 128
SENT = 16

STEP_S = 0.025
SHORTEST_STEP_S = 0.005
LONGEST_STEP_S = 0.1
CORNER_STOP_M = 0.03
CORNER_NEAR_M = 0.06
CORNER_CUT_M = 0.06
STILL_MPS = 0.02
MOVING_MPS = 0.02
MOVING_RADPS = 0.05
TURN_DELAY_S = 0.25
SMOOTH_RAD = 0.02
SMOOTH_RAD_MPS = 0.12
SMOOTH_LEAST_MPS = 0.15
HEADING_GAIN = 3.0
HEADING_LAG_RAD = 0.10
HEADING_LAG_MPS = 0.40
# Hold.PAUSED, MANUAL, PLANNER, PROTECTIVE: stop along the path. An enum is not for compiled code.
RAMP_HOLDS = 1 | 4 | 16 | 32


@compiled
def wrap(angle: float) -> float:
    """The same angle in -pi..pi."""
    return (angle + math.pi) % (2.0 * math.pi) - math.pi


@compiled
def speed_to_stop(distance_m: float, delay_s: float, end_mps: float, a_mps2: float) -> float:
    """Fastest speed from which end_mps is reached within distance_m, holding the speed delay_s before
    braking."""
    if distance_m <= 0.0:
        return end_mps
    at = a_mps2 * delay_s
    return max(end_mps, -at + math.sqrt(at * at + 2.0 * a_mps2 * distance_m + end_mps * end_mps))


@compiled
def predict(
    row: Any, sent: Float, until: float, downlink_s: float
) -> tuple[float, float, float, float, float, float]:
    """Pose and speeds (forward, to the left, yaw rate last) at `until`: the newest pose rolled forward with the
    commands sent since."""
    x, y, yaw, v, vy, w = row.x, row.y, row.yaw, row.v, row.vy, row.w
    t = row.stamp
    first = max(0, row.sent - SENT)
    k = first
    while t < until - 1e-9:
        h = min(STEP_S, until - t)
        while k < row.sent and sent[k % SENT, 0] + downlink_s <= t + 1e-9:
            k += 1
        if k > first:
            dv = sent[(k - 1) % SENT, 1] - v
            dw = sent[(k - 1) % SENT, 2] - w
            if row.omni:
                dvy = sent[(k - 1) % SENT, 3] - vy
                scale = row.max_a * h / max(math.sqrt(dv * dv + dvy * dvy), row.max_a * h)
                v += dv * scale
                vy += dvy * scale
            else:
                v += min(max(dv, -row.max_a * h), row.max_a * h)
            w += min(max(dw, -row.max_aw * h), row.max_aw * h)
        middle = yaw + 0.5 * w * h
        x += v * math.cos(middle) * h
        y += v * math.sin(middle) * h
        if row.omni:
            x -= vy * math.sin(middle) * h
            y += vy * math.cos(middle) * h
        yaw += w * h
        t += h
    return x, y, yaw, v, vy, w


@compiled
def jerk_limited(v: float, accel: float, target: float, bound: float, row: Any, dt: float) -> float:
    """Next speed on the way from v, driven at acceleration `accel`, to target: within the limits of acceleration and
    jerk, but never above `bound`, which is what is left to stop in."""
    speed = min(target, v + row.max_a * dt)
    if row.max_jerk > 0.0:
        error = target - v
        change = row.max_jerk * dt
        ending = math.sqrt(0.25 * change * change + 2.0 * row.max_jerk * abs(error)) - 0.5 * change
        want = math.copysign(min(row.max_a, ending, abs(error) / dt), error)
        speed = v + min(max(want, accel - change), accel + change) * dt
    return float(max(0.0, min(speed, bound)))


@compiled
def segment(points: Float, number: int) -> tuple[float, float, float, float, float]:
    """Start x, y, direction cos, sin and length of the straight that leads to waypoint `number`."""
    a = points[(number - 1) % WAYPOINTS]
    b = points[number % WAYPOINTS]
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.sqrt(dx * dx + dy * dy)
    if length < 1e-6:
        return a[0], a[1], 1.0, 0.0, 0.0
    return a[0], a[1], dx / length, dy / length, length


@compiled
def bend(points: Float, number: int, end: int) -> float:
    """Change of direction at waypoint `number`, radians, looking past straights of no length; 0 where none
    follows."""
    before = number
    while before > number - 4 and segment(points, before)[4] == 0.0:
        before -= 1
    after = number + 1
    while after < end and segment(points, after)[4] == 0.0:
        after += 1
    if after >= end:
        return 0.0
    _, _, cx, cy, length = segment(points, before)
    _, _, nx, ny, _ = segment(points, after)
    if length == 0.0:
        return 0.0
    return math.atan2(cx * ny - cy * nx, cx * nx + cy * ny)


@compiled
def count_reached(row: Any, points: Float, reached_m: float) -> None:
    """Advance `reached` by the waypoints at which the robot's centre has been."""
    while row.reached < row.end:
        number = row.reached
        b = points[number % WAYPOINTS]
        dx, dy = row.x - b[0], row.y - b[1]
        near = dx * dx + dy * dy <= reached_m * reached_m
        if not near:
            if number + 1 >= row.end:
                return
            _, _, cx, cy, before = segment(points, number)
            _, _, nx, ny, after = segment(points, number + 1)
            past = before == 0.0 or dx * cx + dy * cy >= -reached_m
            on_next = after > 0.0 and dx * nx + dy * ny > 0.0 and abs(nx * dy - ny * dx) <= 2.0 * reached_m
            if not (past and on_next):
                return
        row.reached += 1


@compiled
def choose_leg(row: Any, points: Float, x: float, y: float, v: float, corner_rad: float) -> None:
    """Go on to the next straight once this one is driven: at a corner having stopped, else in passing."""
    while row.leg + 1 < row.end:
        ax, ay, cx, cy, length = segment(points, row.leg)
        rest = length - ((x - ax) * cx + (y - ay) * cy)
        if length == 0.0:
            done = True
        elif abs(bend(points, row.leg, row.end)) > corner_rad:
            done = rest <= CORNER_STOP_M or (rest <= CORNER_NEAR_M and abs(v) < STILL_MPS)
        else:
            done = rest <= 0.0
        if not done:
            return
        row.leg += 1


@compiled
def pursuit_point(
    row: Any, points: Float, along: float, ahead: float, corner_rad: float
) -> tuple[float, float]:
    """The point `ahead` metres further along the path; straight on beyond a corner or the end."""
    number = row.leg
    ax, ay, cx, cy, length = segment(points, number)
    goal = along + ahead
    while goal > length and number + 1 < row.end and abs(bend(points, number, row.end)) <= corner_rad:
        goal -= length
        number += 1
        ax, ay, cx, cy, length = segment(points, number)
    return ax + cx * goal, ay + cy * goal


@compiled
def allowed_speed(row: Any, points: Float, rest: float, hold_s: float, delay_s: float, k: Any) -> float:
    """Speed within every limit ahead: the waypoints' own, bends, corners, and the end of what is released."""
    a = row.max_a * k.braking_share
    speed: float = row.max_v
    limit = points[row.leg % WAYPOINTS, 2]
    if limit > 0.0:
        speed = min(speed, limit)
    number = row.leg
    while True:
        if number + 1 >= row.end:
            return min(speed, speed_to_stop(rest - k.stop_margin_m, hold_s, 0.0, a))
        angle = abs(bend(points, number, row.end))
        if angle > k.corner_rad:
            calm = speed_to_stop(rest - 0.01, delay_s, 0.0, a)
            return min(speed, calm, speed_to_stop(rest + CORNER_CUT_M, hold_s, 0.0, a))
        passing = row.max_v
        if angle > SMOOTH_RAD:
            passing = max(SMOOTH_LEAST_MPS, SMOOTH_RAD_MPS / angle)
        limit = points[(number + 1) % WAYPOINTS, 2]
        if limit > 0.0:
            passing = min(passing, limit)
        speed = min(speed, speed_to_stop(rest, delay_s, passing, a))
        if rest > speed * speed / (2.0 * a) + speed * hold_s + 0.5:
            return speed
        number += 1
        rest += segment(points, number)[4]


@compiled
def drive(row: Any, points: Float, sent: Float, now: float, dt: float, k: Any) -> tuple[float, float, float]:
    """Velocities forward, to the left, and yaw rate for one robot with a fresh pose. Updates leg, turning, accel and
    off_path."""
    until = min(now + row.downlink, row.stamp + k.prediction_limit_s)
    x, y, yaw, v, vy, w = predict(row, sent, until, row.downlink)
    accel = row.accel
    row.accel = 0.0
    choose_leg(row, points, x, y, math.sqrt(v * v + vy * vy), k.corner_rad)
    if row.leg >= row.end:
        row.turning = False
        return 0.0, 0.0, 0.0
    ax, ay, cx, cy, length = segment(points, row.leg)
    off_m = distance_to(row.x, row.y, ax, ay, cx, cy, length)
    row.off_path = off_m > (0.8 * k.off_path_m if row.off_path else k.off_path_m)
    if row.off_path or row.hold & ~RAMP_HOLDS:
        return 0.0, 0.0, 0.0
    along = (x - ax) * cx + (y - ay) * cy
    rest = length - along
    if row.leg + 1 >= row.end and rest <= k.stop_margin_m + 0.005:
        row.turning = False
        return 0.0, 0.0, 0.0
    speed_now = abs(v)
    if row.omni:
        speed_now = math.sqrt(v * v + vy * vy)
    ahead = max(k.lookahead_min_m, k.lookahead_s * speed_now)
    gx, gy = pursuit_point(row, points, along, ahead, k.corner_rad)
    bearing = wrap(math.atan2(gy - y, gx - x) - yaw)
    if row.omni:
        bearing = 0.0 if row.heading_free else wrap(math.atan2(cy, cx) - yaw)
    if row.turning:
        row.turning = abs(bearing) > k.aligned_rad or abs(w) > 0.3
    else:
        row.turning = abs(bearing) > k.corner_rad
    turn_limit = row.max_aw * dt
    if row.turning:
        rate = 0.0
        if speed_now < 0.1 and row.hold == 0:
            rate = min(
                row.max_w, speed_to_stop(abs(bearing), TURN_DELAY_S, 0.0, row.max_aw * k.braking_share)
            )
        rate = math.copysign(rate, bearing)
        return 0.0, 0.0, min(max(rate, w - turn_limit), w + turn_limit)
    speed, bound = next_targets(row, points, rest, now, dt, k)
    if abs(cx * (y - ay) - cy * (x - ax)) > 0.8 * k.tracking_error_m:
        speed = min(speed, 0.3)
    if row.omni:
        return drive_any_way(row, x, y, yaw, v, vy, w, gx, gy, bearing, speed, bound, accel, dt, k)
    reach = math.sqrt((gx - x) ** 2 + (gy - y) ** 2)
    curvature = 2.0 * math.sin(bearing) / max(reach, 0.05)
    if abs(curvature) > 1e-6:
        speed = min(speed, 0.9 * row.max_w / abs(curvature))
    speed = jerk_limited(v, accel, speed, bound, row, dt)
    row.accel = min(max((speed - v) / dt, -row.max_a), row.max_a)
    rate = curvature * max(speed, v - row.max_a * dt)
    rate = min(max(rate, w - turn_limit), w + turn_limit)
    return speed, 0.0, min(max(rate, -row.max_w), row.max_w)


@compiled
def next_targets(row: Any, points: Float, rest: float, now: float, dt: float, k: Any) -> tuple[float, float]:
    """Speed to go for, and speed never to exceed, `rest` metres before the next waypoint.

    Until the robot's watchdog ends it, a command holds for what is left of it: watchdog + round trip is the most that
    can be, as it counts from the pose's stamp.
    """
    hold_s = max(0.0, k.watchdog_s - max(0.0, now - row.stamp) - row.downlink) + k.actuation_s
    delay_s = dt + k.actuation_s
    bound = allowed_speed(row, points, rest, hold_s, delay_s, k)
    target = bound
    if row.max_jerk > 0.0:
        more_s = 0.5 * row.max_a / row.max_jerk
        target = allowed_speed(row, points, rest, hold_s + more_s, delay_s + more_s, k)
    target = min(target, row.cap_v)
    if row.hold != 0:
        target = 0.0
        if row.hold != 1:  # more than a pause: brake as hard as the drives can
            bound = 0.0
    return target, bound


@compiled
def drive_any_way(
    row: Any, x: float, y: float, yaw: float, v: float, vy: float, w: float, gx: float, gy: float, bearing: float,
    target: float, bound: float, accel: float, dt: float, k: Any,
) -> tuple[float, float, float]:  # fmt: skip
    """The omnidirectional drive: towards (gx, gy), turning by `bearing` meanwhile; while not braking, the velocity
    vector changes within the acceleration limit.

    Cut off, the robot goes on along the arc of its last command: it turns no faster than that arc stays within a third
    of the tracking error of the straight until it rests.
    """
    reach = max(math.sqrt((gx - x) ** 2 + (gy - y) ** 2), 0.05)
    direction = math.atan2(gy - y, gx - x) - yaw
    ux, uy = math.cos(direction), math.sin(direction)
    now_mps = max(0.0, v * ux + vy * uy)
    if reach <= 0.05:
        target = min(target, 0.1)
    if abs(bearing) > HEADING_LAG_RAD:
        target = min(target, HEADING_LAG_MPS)
    speed = jerk_limited(now_mps, accel, target, bound, row, dt)
    row.accel = min(max((speed - now_mps) / dt, -row.max_a), row.max_a)
    dx, dy = speed * ux - v, speed * uy - vy
    scale = 1.0
    if speed >= now_mps:
        scale = row.max_a * dt / max(math.sqrt(dx * dx + dy * dy), row.max_a * dt)
    fastest = max(speed, math.sqrt(v * v + vy * vy), 0.05)
    way = fastest * (k.watchdog_s + k.actuation_s) + fastest * fastest / (2.0 * row.max_a)
    most = min(row.max_w, 0.6 * k.tracking_error_m * fastest / (way * way))
    rate = min(max(HEADING_GAIN * bearing, -most), most)
    turn_limit = row.max_aw * dt
    return v + dx * scale, vy + dy * scale, min(max(rate, w - turn_limit), w + turn_limit)


@compiled
def distance_to(x: float, y: float, ax: float, ay: float, cx: float, cy: float, length: float) -> float:
    """Distance of a point to a straight of that start, direction and length."""
    along = min(max((x - ax) * cx + (y - ay) * cy, 0.0), length)
    return math.sqrt((x - ax - along * cx) ** 2 + (y - ay - along * cy) ** 2)


@compiled
def step_all(
    rows: Rows,
    waypoints: Float,
    sent: Float,
    due: Any,
    out_v: Float,
    out_vy: Float,
    out_w: Float,
    valid: Any,
    now: float,
    constants: Any,
) -> None:
    """One control step for every active row that is due; writes velocities and whether the pose allows
    driving."""
    k = constants[0]
    for i in range(rows.shape[0]):
        row = rows[i]
        out_v[i] = 0.0
        out_vy[i] = 0.0
        out_w[i] = 0.0
        valid[i] = False
        if not row.active or not row.has_pose:
            continue
        if not row.anchored:
            before = waypoints[i, (row.reached - 1) % WAYPOINTS]
            before[0] = row.x
            before[1] = row.y
            row.anchored = True
        count_reached(row, waypoints[i], k.reached_m)
        if not due[i]:
            continue
        dt = LONGEST_STEP_S
        if row.sent > 0:
            dt = min(max(now - sent[i, (row.sent - 1) % SENT, 0], SHORTEST_STEP_S), LONGEST_STEP_S)
        if now - row.stamp > k.pose_limit_s:
            row.turning = False
            row.accel = 0.0
        else:
            valid[i] = True
            out_v[i], out_vy[i], out_w[i] = drive(row, waypoints[i], sent[i], now, dt, k)
        slot = row.sent % SENT
        sent[i, slot, 0] = now
        sent[i, slot, 1] = out_v[i]
        sent[i, slot, 2] = out_w[i]
        sent[i, slot, 3] = out_vy[i]
        row.sent += 1
