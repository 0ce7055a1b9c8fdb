"""Supervision of processes: start in order, readiness, restart with back-off, clean stop."""
