"""The building in Gazebo: worlds of a map, and what moves them."""
