"""Which Debian mirror this machine's apt uses: Gazebo's packages come from the same."""

from __future__ import annotations

import subprocess

from building_ctrl.gazebo.classic.root import ClassicError

DEBIAN = frozenset(
    {"oldoldstable", "oldstable", "stable", "testing", "unstable"}
    | {"buster", "bullseye", "bookworm", "trixie", "forky", "sid"}
)
FORMAT = "$(REPO_URI) $(RELEASE) $(COMPONENT)"


def debian_mirror(targets: str) -> str:
    """The mirror of Debian's own releases among apt's index targets, lines of URI, release and component.
    Raises ClassicError where there is none."""
    for line in targets.splitlines():
        uri, release, component = [*line.split(), "", "", ""][:3]
        if release in DEBIAN and component == "main":
            return uri
    raise ClassicError(
        "apt's sources name no Debian mirror for Gazebo Classic: name one with --mirror, or install gzserver 11"
    )


def apt_targets() -> str:
    """Apt's index targets. Raises ClassicError where there is no apt."""
    argv = ["apt-get", "indextargets", "--format", FORMAT, "Created-By: Packages"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60.0, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise ClassicError(
            f"cannot ask apt for its sources ({error}): a machine with apt is needed, or gzserver 11 installed"
        ) from error
    return done.stdout
