"""Runs every benchmark in bench/ with --json into build/bench; fails when one of them fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    results = ROOT / "build" / "bench"
    results.mkdir(parents=True, exist_ok=True)
    scripts = sorted(path for path in (ROOT / "bench").glob("*.py") if not path.name.startswith("_"))
    failed = []
    for script in scripts:
        print(f"== {script.relative_to(ROOT)}", flush=True)
        command = [sys.executable, str(script), "--json", str(results / f"{script.stem}.json")]
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            failed.append(script.name)
    if failed:
        print(f"error: failed: {', '.join(failed)}", file=sys.stderr)
        return 1
    print(f"{len(scripts)} benchmarks ran; results in {results.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
