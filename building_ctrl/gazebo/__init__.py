"""The building in Gazebo: worlds made from maps, and the platform's robots, lifts and doors in them."""
