"""Benchmark of path coordination: the solver on MovingAI data, and whole buildings.

    python bench/path.py [--only one-shot,lifelong] [--seeds 5] [--json out.json]
    python bench/path.py --map M.map --scen S.scen --agents N

One thread; times are CPU times. Compilation has a section of its own and is in no other figure. Sections:

    one-shot anytime lifelong special kernels compile    the solver alone (see _path_solver.py)
    building    tower of 36 levels, 1,000 robots, tasks without end (see _path_building.py)
    growth      10 to 10,000 robots, with levels and on one level

and every other module _path_NAME.py beside this file that has a function bench(table, options) as section NAME; options
that only such a module knows have the defaults of its options_parser().
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import _path_solver as solver  # noqa: E402
from _table import Table  # noqa: E402

from building_ctrl.core.path.solver import warm_up  # noqa: E402

Section = Callable[[Table, argparse.Namespace], None]


def solver_sections() -> dict[str, Section]:
    """Sections that need the MovingAI data, and those about the kernels."""
    cases = solver.CASES
    return {
        "one-shot": lambda table, options: solver.bench_one_shot(table, cases, options.seeds),
        "anytime": lambda table, options: solver.bench_anytime(table, cases[:3], options.seeds, options.seconds),
        "lifelong": lambda table, options: solver.bench_lifelong(table, options.seeds, options.steps),
        "special": lambda table, options: solver.bench_special(table, options.seeds),
        "kernels": lambda table, options: solver.bench_kernels(table),
        "compile": lambda table, options: solver.bench_compile(table),
    }


def other_sections() -> dict[str, Section]:
    """Modules beside this one that have a section."""
    names = [path.stem.removeprefix("_path_") for path in sorted(HERE.glob("_path_*.py"))]
    modules = {name: importlib.import_module(f"_path_{name}") for name in names}
    return {name: partial(run_module, module) for name, module in modules.items() if hasattr(module, "bench")}


def run_module(module: ModuleType, table: Table, options: argparse.Namespace) -> None:
    """`--only` names sections here and not what a module may choose from."""
    given = {name: value for name, value in vars(options).items() if name != "only"}
    known = vars(module.options_parser().parse_args([])) if hasattr(module, "options_parser") else {}
    module.bench(table, argparse.Namespace(**{**known, **given}))


def parse_arguments(sections: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(sections), help="sections, separated by commas")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0, help="CPU time of the anytime runs")
    parser.add_argument("--steps", type=int, default=1000, help="of the lifelong runs")
    parser.add_argument("--minutes", type=float, default=10.0, help="simulated, of the building runs")
    parser.add_argument("--hours", type=float, default=24.0, help="simulated, of the runs with delays and failures")
    parser.add_argument("--robots", type=int, default=1000, help="in the building")
    parser.add_argument("--most-robots", type=int, default=10_000, help="where the growth tables end")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--map", type=Path)
    parser.add_argument("--scen", type=Path)
    parser.add_argument("--agents", type=int)
    return parser.parse_args()


def main() -> int:
    sections = {**solver_sections(), **other_sections()}
    options = parse_arguments(list(sections))
    chosen = options.only.split(",")
    unknown = [name for name in chosen if name not in sections]
    if unknown:
        raise SystemExit(f"--only knows {', '.join(sections)}; not {', '.join(unknown)}")
    table = Table("path coordination (one thread, CPU times without compilation)")
    warm_up()
    if options.map is not None:
        if options.scen is None or options.agents is None:
            raise SystemExit("--map needs --scen and --agents")
        cases = [solver.Case(options.map, options.scen, options.agents)]
        solver.bench_one_shot(table, cases, options.seeds)
        solver.bench_anytime(table, cases, options.seeds, options.seconds)
    else:
        for name in chosen:
            if name in solver.NEED_DATA:
                solver.need_data()
            sections[name](table, options)
    if options.json is not None:
        table.write_json(options.json)
    return 0 if table.all_reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
