"""A building as a Gazebo world: one description, two dialects of SDF."""
