"""`.building.yaml` maps: loading, validation, writing, roadmaps, drawing and generating."""
