"""Property tests draw anew at every run at a desk, and the same examples at every run of CI.

Machines that run tests are shared: how long an example takes says nothing there.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("shared"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "shared")
