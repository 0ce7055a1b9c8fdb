"""Gazebo Classic 11: where it is installed, our plugin for it, and its server as a child process."""
