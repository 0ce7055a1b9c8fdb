"""Real Gazebo Classic for tests that need it: set up where that can be done, else skipped with the reason."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from building_ctrl.gazebo.classic.install import ensure_root, unmet
from building_ctrl.gazebo.classic.plugin_build import ensure_plugin
from building_ctrl.gazebo.classic.root import ClassicError, ClassicRoot, default_root


@pytest.fixture(scope="session")
def classic_root() -> ClassicRoot:
    """Gazebo Classic with our plugin. A plugin that does not compile is a failure, no reason to skip."""
    root = default_root()
    if why := unmet(root):
        pytest.skip(why)
    if not root.complete:
        try:
            ensure_root(root)
        except ClassicError as error:
            pytest.skip(f"Gazebo Classic cannot be set up here: {error}")
    ensure_plugin(root)
    return root
