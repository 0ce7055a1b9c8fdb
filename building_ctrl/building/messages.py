"""Texts of all findings: code -> (what is wrong, what to do). Placeholders are str.format fields."""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str]] = {
    # reading
    "file_unreadable": ("the file can't be read: {reason}", "check the path and its permissions"),
    "file_too_large": (
        "the file has {size_mb:.0f} MB, more than {limit_mb} MB",
        "split the building or drop what it carries",
    ),
    "yaml_invalid": (
        "the file is not valid YAML: {reason}",
        "open it in a text editor at that line, or save it again in the traffic editor",
    ),
    "not_a_map": (
        "the file holds {found}, not a mapping with levels",
        "give a .building.yaml as the traffic editor writes it",
    ),
    "no_levels": ("there are no levels", "add a level under the key `levels`"),
    "wrong_type": ("`{key}` is {found}, expected {expected}", "correct the value of `{key}`"),
    "not_finite": ("`{key}` is not a finite number ({found})", "give a number"),
    "out_of_range": ("`{key}` is {found}, outside {low} to {high}", "correct the value of `{key}`"),
    "coordinate_system": (
        "coordinate system {found!r} is not supported",
        "save the map as reference_image or cartesian_meters",
    ),
    "reference_level": ("reference level {found!r} does not exist", "name one of: {levels}"),
    # levels
    "level_empty": ("the level has no vertices", "draw it, or remove the level"),
    "level_no_lanes": ("the level has no lanes", "draw lanes if robots should drive here"),
    "no_lanes": ("no level has a lane, so no robot can drive", "draw lanes in the traffic editor"),
    "same_elevation": (
        "levels {other!r} and {level_name!r} have the same elevation {elevation_m:g} m",
        "set the elevation of each level",
    ),
    "no_scale": (
        "no measurement gives the scale, and no two fiducials shared with level {reference!r}",
        "add a measurement of known length",
    ),
    "measurement_zero": (
        "the measurement has no length",
        "draw it between two different points, with a distance above 0",
    ),
    "measurements_differ": (
        "the measurements contradict each other by {percent:.0f}% ({low:.5f} to {high:.5f} m per pixel)",
        "measure again; the mean {mean:.5f} is used",
    ),
    "scale_differs": (
        "the level's measurements give {own:.5f} m per pixel, its fiducials {fiducials:.5f}",
        "check both; the fiducials are used",
    ),
    "no_fiducials": (
        "the level shares no fiducial with level {reference!r}, so their origins are taken as one point",
        "add two or more fiducials of the same names on both levels",
    ),
    "one_fiducial": (
        "the level shares one fiducial with level {reference!r}: a turn between the drawings can't be seen",
        "add a second fiducial of the same name on both levels",
    ),
    "fiducials_coincide": (
        "the fiducials shared with level {reference!r} lie on one point",
        "move them apart",
    ),
    "fiducials_disagree": (
        "fiducial {name!r} is {error_m:.2f} m from where the others put it",
        "set it on the same point of the building on every level",
    ),
    "fiducial_twice": ("two fiducials are named {name!r}", "give each its own name"),
    # vertices
    "name_twice": (
        "the name {name!r} is used by vertices {first} and {second}",
        "give each place of a level its own name",
    ),
    "robot_twice": (
        "robot {name!r} is spawned twice, also at {other}",
        "give each robot its own spawn_robot_name",
    ),
    "unknown_lift": (
        "lift_cabin names the lift {lift!r}, which does not exist",
        "use one of the lifts: {lifts}",
    ),
    "bad_index": (
        "`{key}` refers to vertex {found}, but the level has {count} vertices",
        "point it to a vertex from 0 to {last}",
    ),
    "lane_zero": (
        "the lane from vertex {start} to vertex {end} has no length",
        "remove it, or move one of its ends",
    ),
    "orientation": ("orientation {found!r} is unknown and ignored", "use forward, backward or nothing"),
    "vertices_merged": (
        "vertices {first} and {second} are {distance_cm:.1f} cm apart and count as one",
        "draw the lanes to one and the same vertex",
    ),
    "floor_degenerate": ("the floor has fewer than 3 corners", "remove it, or add corners"),
    # doors
    "door_no_name": ("the door has no name and is called {name!r}", "name it as the door's controller does"),
    "door_twice": (
        "the door name {name!r} is used again on level {other!r}",
        "give each door of the building its own name",
    ),
    "door_kind": ("door type {found!r} is unknown", "use one of: {known}"),
    "door_zero": ("the door has no width", "draw it between the two sides of the opening"),
    # lifts
    "lift_level": ("the lift names level {found!r}, which does not exist", "use one of the levels: {levels}"),
    "lift_door": (
        "level {level_name!r} opens the lift door {found!r}, which does not exist",
        "use one of its doors: {doors}",
    ),
    "lift_no_doors": ("the lift opens no door on any level", "fill in `doors` and `level_doors`"),
    "lift_size": ("the cabin measures {width:g} x {depth:g} m", "give a width and a depth above 0"),
    "lift_kind": ("kind {found!r} is unknown", "use robot_only, shared or freight"),
    "lift_door_kind": (
        "door_type {found!r} is unknown",
        "use 1 to 4 (sliding, double sliding, telescope, double telescope)",
    ),
    "lift_no_cabin": (
        "the lift opens on level {level_name!r}, but no vertex on a lane lies in its cabin there",
        "draw a lane into the cabin and set `lift_cabin` on its last vertex",
    ),
    "cabin_outside": (
        "the vertex belongs to the cabin of {lift!r} but lies {distance_m:.2f} m outside of it",
        "move it into the cabin, or correct the lift's position",
    ),
    "cabin_not_served": (
        "the vertex lies in the cabin of {lift!r}, which does not open on this level",
        "add the level to the lift's level_doors",
    ),
    # well-formedness
    "name_lost": (
        "the place {name!r} lies within {limit_cm:.0f} cm of vertex {kept} and can't be told from it",
        "move it, or remove one of the two",
    ),
    "door_unused": ("no lane passes the door", "nothing to do, unless robots should use it"),
    "door_narrow": (
        "the door is {width_m:.2f} m wide, a robot needs {need_m:.2f} m",
        "correct the door, or forbid the lane to these robots",
    ),
    "turn_narrow": (
        "a robot that turns here passes a wall at {gap_m:.2f} m, it needs {need_m:.2f} m",
        "move the lane from the wall, make it one-way so that nobody turns on it, or keep these robots off it",
    ),
    "cabin_small": (
        "the cabin has {room_m:.2f} m around the vertex in it, a robot that turns there needs {need_m:.2f} m",
        "draw the vertex in the cabin's middle, or draw these robots no lane into this lift",
    ),
    "lift_door_narrow": (
        "the door {door!r} is {width_m:.2f} m wide, a robot needs {need_m:.2f} m",
        "correct the door, or draw these robots no lane into this lift",
    ),
    "no_class": (
        "lanes of graph {graph} are used by no class of robots",
        "add the graph to the `graphs` of a class, or remove the lanes",
    ),
    "not_served": (
        "no lane of these robots leads here",
        "nothing to do, unless they should come here: draw a lane of their graphs",
    ),
    "in_doorway": (
        "a robot standing here holds {door} open, so nobody may wait here",
        "move the vertex further from the door",
    ),
    "in_swing": (
        "the leaf of door {door!r} can hit a robot that waits here for it",
        "move the vertex out of the leaf's swing, or lengthen the lane",
    ),
    "cuts_off": (
        "a robot resting here cuts off {others}",
        "put it on a spur of its own, at least a robot's width off the lane",
    ),
    "places_too_near": ("two robots can't rest here and at {other} at once", "move the two further apart"),
    "on_lane": (
        "the place lies on a through lane, so robots must drive around one that rests here",
        "put it on a spur beside the lane",
    ),
    "capacity": (
        "{vertices} vertices; {rest} robots can rest without cutting others off; {robots} start here",
        "add bays for more",
    ),
    "too_many_robots": (
        "{robots} robots start here, but only {rest} can rest without cutting others off",
        "add parking bays on spurs",
    ),
    "cutting": (
        "one robot stopped here cuts off up to {size} places (vertices in this stretch: {count})",
        "add a second way round, or a passing place",
    ),
    "dead_end": (
        "the way here is a dead end of {length_m:.1f} m in which robots can't pass each other",
        "add a passing place or a second way",
    ),
    "off_lanes": (
        "the place lies on no lane, so no robot can go there",
        "draw a lane to it, or remove its name and flags",
    ),
    "unreached": (
        "robots of graph {graph} can't get here from the other places, or not back",
        "join the lanes of that graph, and check one-way lanes",
    ),
    "lift_unreached": (
        "robots of graph {graph} can't get to the cabin of {lift!r} here, or not back",
        "join the cabin's lane to the others",
    ),
    "narrow": (
        "the lane passes a wall at {gap_m:.3f} m, a robot needs {need_m:.3f} m",
        "move the lane or the wall",
    ),
    "through_wall": ("the lane runs through a wall", "move the lane, or leave an opening in the wall"),
}
