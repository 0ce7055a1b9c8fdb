"""Path coordination: which stretch of path a robot may use, and when.

`planner.PathPlanner` holds the robots' journeys over levels, `level.LevelCoordinator` the vertices of one level,
`solver` finds the moves.
"""
