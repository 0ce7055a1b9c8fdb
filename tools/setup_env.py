#!/usr/bin/env python3
"""Makes .venv in the checkout: ROS 2, the Python packages and the interface packages. Run by `make setup`.

Standard library only. It does nothing when nothing changed since the last time.
"""

import sys

OLDEST, NEWEST = (3, 10), (3, 13)


def main() -> int:
    found = sys.version_info[:2]
    if not OLDEST <= found <= NEWEST:
        sys.stderr.write(
            "error: %s is Python %d.%d; building_ctrl needs 3.10 to 3.13: `make setup PYTHON=python3.11`\n"
            % (sys.executable, found[0], found[1])
        )
        return 1
    from building_env.steps import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
