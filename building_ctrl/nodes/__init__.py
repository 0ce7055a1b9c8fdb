"""Thin rclpy shells: subscribe, hand to a core, publish. Every module has `main(argv) -> int`."""
