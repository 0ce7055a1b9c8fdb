"""What stops a set-up."""

from __future__ import annotations


class SetupError(Exception):
    """One clear line for the user: what is wrong, where, and what to do about it."""
