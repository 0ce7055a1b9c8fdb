"""building_ctrl: runs a building full of robots that are planned and driven from the cloud."""

__version__ = "0.1.0"
