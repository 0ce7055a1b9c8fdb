"""Pure decisions: no ROS, no sockets, no files, no clock. Objects take events and `now` and return decisions."""
