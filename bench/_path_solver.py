"""Benchmarks of the path solver on MovingAI data: one-shot, anytime, lifelong, special maps, kernels, compile time.

One thread. Times are CPU times and exclude compilation, which has a row of its own. Our model forbids
rotations of agents (each would be a deadlock in execution); lacam3's figures, which allow them, are still
the goals. The data folder is ../shared/mapf beside the checkout, or the environment's BUILDING_CTRL_MAPF.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from _table import Table

from building_ctrl.core.path.solver import (
    Plan,
    Planner,
    PlanningGraph,
    Request,
    SearchStatus,
    grid_graph,
    verify_plan,
)
from building_ctrl.core.path.solver.movingai import parse_map, parse_scenario
from building_ctrl.core.path.solver.plan import sum_of_costs

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("BUILDING_CTRL_MAPF", ROOT.parent / "shared" / "mapf"))
IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Case:
    """A one-shot case with lacam3-fast's time and cost, and the lower bound of the cost."""

    map_file: Path
    scen_file: Path
    agents: int
    lacam3_ms: float | None = None
    lacam3_cost: float | None = None
    bound: float | None = None

    @property
    def name(self) -> str:
        return f"{self.map_file.stem} {self.agents}"

    def load(self) -> tuple[PlanningGraph, IntArray, IntArray]:
        graph, vertex_of = grid_graph(parse_map(self.map_file.read_text(encoding="utf-8")))
        ends = parse_scenario(self.scen_file.read_text(encoding="utf-8"))[: self.agents]
        if len(ends) < self.agents:
            raise SystemExit(f"{self.scen_file} has {len(ends)} agents, {self.agents} were asked for")
        return graph, vertex_of[ends[:, 0], ends[:, 1]], vertex_of[ends[:, 2], ends[:, 3]]


def _case(name: str, scen: str, agents: int, *figures: float) -> Case:
    return Case(DATA / "maps" / f"{name}.map", DATA / "scen" / f"{name}-{scen}.scen", agents, *figures)


CASES = [
    _case("random-32-32-20", "random-1", 100, 8, 3_238, 2_253),
    _case("random-32-32-20", "random-1", 200, 20, 8_429, 4_429),
    _case("random-32-32-20", "random-1", 400, 36, 28_455, 8_944),
    _case("room-64-64-8", "even-1", 300, 43, 44_530, 21_096),
    _case("maze-32-32-2", "even-10", 200, 20, 31_025, 11_027),
    _case("warehouse-10-20-10-2-1", "random-1", 1_000, 190, 245_651, 80_355),
]
NEED_DATA = ("one-shot", "anytime", "lifelong", "special", "kernels")
ANYTIME_COST = {100: 2_419, 200: 5_411, 400: 20_658}
LIFELONG = {100: ("agents_0.csv", 3.95), 200: ("agents_1.csv", 6.04), 400: ("agents_3.csv", 5.04)}


def need_data() -> None:
    """Raises SystemExit where there is no benchmark data."""
    if not DATA.is_dir():
        raise SystemExit(f"no benchmark data in {DATA}: set BUILDING_CTRL_MAPF to the folder that holds maps/")


def first_solution(graph: PlanningGraph, request: Request) -> Plan | None:
    """As a caller would get it: a new planner, distances included."""
    search = Planner(graph).search(request)
    while search.status is SearchStatus.RUNNING and search.expansions < 200_000:
        search.advance(1000)
    return search.plan() if search.status is SearchStatus.SOLVED else None


def bench_one_shot(table: Table, cases: list[Case], seeds: int) -> None:
    for case in cases:
        graph, start, goal = case.load()
        first_solution(graph, Request(position=start, goal=goal, seed=99))
        times, costs, steps = [], [], []
        for seed in range(seeds):
            request = Request(position=start, goal=goal, seed=seed)
            begin = time.process_time()
            plan = first_solution(graph, request)
            elapsed = time.process_time() - begin
            if plan is not None:
                verify_plan(graph, request, plan)
                times.append(elapsed * 1e3)
                costs.append(sum_of_costs(plan.positions(graph.edge_to), goal))
                steps.append(plan.steps)
        table.add(f"{case.name}: failures", seeds - len(times), f"of {seeds}", at_most=0)
        if times:
            limit = None if case.lacam3_ms is None else 2 * case.lacam3_ms
            note = f"p50 {np.median(times):.1f}, max {max(times):.1f}; {np.mean(steps):.0f} steps"
            table.add(f"{case.name}: first solution, mean", np.mean(times), "ms", at_most=limit, note=note)
            bound = "" if case.bound is None else f"; {np.mean(costs) / case.bound:.2f} x lower bound"
            note = f"{min(costs):,} to {max(costs):,}{bound}"
            table.add(f"{case.name}: its cost, mean", np.mean(costs), "steps", at_most=case.lacam3_cost, note=note)


def bench_anytime(table: Table, cases: list[Case], seeds: int, seconds: float) -> None:
    for case in cases:
        graph, start, goal = case.load()
        costs = []
        for seed in range(seeds):
            request = Request(position=start, goal=goal, seed=seed)
            begin = time.process_time()
            plan = first_solution(graph, request)
            if plan is None:
                continue
            refiner = Planner(graph).refine(request, plan)
            while time.process_time() - begin < seconds:
                refiner.advance(20)
            plan = refiner.plan()
            verify_plan(graph, request, plan)
            costs.append(sum_of_costs(plan.positions(graph.edge_to), goal))
        goal_cost = ANYTIME_COST.get(case.agents) if case.map_file.stem == "random-32-32-20" else None
        note = f"{min(costs):,} to {max(costs):,}; {seeds - len(costs)} failures" if costs else "all failed"
        mean = float(np.mean(costs)) if costs else float("nan")
        table.add(f"{case.name}: cost after {seconds:g} s", mean, "steps", at_most=goal_cost, note=note)


@dataclass
class Lifelong:
    """The lifelong task stream: agent r's k-th task is entry k * n + r of the list; a cell it is on is skipped."""

    graph: PlanningGraph
    position: IntArray
    tasks: IntArray

    def __post_init__(self) -> None:
        self.taken = np.zeros(self.position.size, dtype=np.int64)
        self.goal = np.array([self.next_goal(i) for i in range(self.position.size)], dtype=np.int32)
        self.done = 0

    @classmethod
    def load(cls, agents_file: str) -> Lifelong:
        folder = DATA / "lifelong"
        graph, vertex_of = grid_graph(parse_map((folder / "map.txt").read_text(encoding="utf-8")))
        cells = np.loadtxt(folder / agents_file, delimiter=",", skiprows=1, dtype=int)
        targets = np.loadtxt(folder / "tasks_one.csv", skiprows=1, dtype=int)
        return cls(graph, vertex_of[cells[:, 1], cells[:, 2]], vertex_of.ravel()[targets])

    def next_goal(self, agent: int) -> int:
        while True:
            entry = self.taken[agent] * self.position.size + agent
            self.taken[agent] += 1
            vertex = int(self.tasks[entry % self.tasks.size])
            if vertex != self.position[agent]:
                return vertex

    def execute_first_step(self, plan: Plan) -> None:
        first = plan.moves[plan.moves[:, 0] == 0]
        self.position = self.position.copy()
        self.position[first[:, 1]] = self.graph.edge_to[first[:, 2]]
        for agent in np.flatnonzero(self.position == self.goal).tolist():
            self.done += 1
            self.goal[agent] = self.next_goal(agent)


def run_lifelong(agents_file: str, seed: int, steps: int, method: str) -> tuple[float, list[float]]:
    """Tasks a step and CPU ms of each step. Nearest to its goal first; every 25th plan is verified."""
    world = Lifelong.load(agents_file)
    planner, plan, times = Planner(world.graph), None, []
    to_goal = planner.tables
    everywhere = to_goal.profile(0xFFFFFFFF, np.ones(world.graph.n_vertices, dtype=bool))
    same = np.zeros(world.position.size, dtype=np.int32)
    for step in range(steps):
        row = to_goal.rows([everywhere], same, world.goal)
        near = -to_goal.values[row, world.position].astype(np.float64)
        request = Request(position=world.position, goal=world.goal, priority=near, seed=seed * steps + step)
        rest = None if plan is None else plan.rest(1, world.graph.edge_to)
        begin = time.process_time()
        if method in ("rolling", "rolling without refinement"):
            plan = planner.plan_rolling(request, rest, iterations=100 if method == "rolling" else 0)
        else:
            plan = planner.plan_window(request, 1, swap=method == "PIBT")
        times.append((time.process_time() - begin) * 1e3)
        if step % 25 == 0:
            verify_plan(world.graph, request, plan)
        world.execute_first_step(plan)
    return world.done / steps, times


def bench_lifelong(table: Table, seeds: int, steps: int) -> None:
    for agents, (agents_file, goal) in LIFELONG.items():
        for method in ("rolling", "rolling without refinement", "PIBT", "PIBT without swap"):
            runs = [run_lifelong(agents_file, seed, steps, method) for seed in range(seeds)]
            rates, times = [rate for rate, _ in runs], np.concatenate([ms for _, ms in runs])
            p50, p99 = np.percentile(times, [50, 99])
            note = f"{min(rates):.2f} to {max(rates):.2f}; {p50:.2f} ms a step, p99 {p99:.2f}, max {times.max():.1f}"
            name = f"lifelong {agents}: {method}, mean"
            at_least = goal if method == "rolling" else None
            table.add(name, float(np.mean(rates)), "tasks/step", at_least=at_least, note=note)


def bench_special(table: Table, seeds: int) -> None:
    """Random starts and goals on the special maps: every case is solved, or proven to have no solution."""
    for path in sorted((DATA / "special").glob("*.map")):
        graph, _ = grid_graph(parse_map(path.read_text(encoding="utf-8")))
        undecided, solved, proven = 0, 0, 0
        for seed in range(20 * seeds):
            rng = np.random.default_rng(seed)
            n = 2 + seed % 5
            start, goal = rng.permutation(graph.n_vertices)[:n], rng.permutation(graph.n_vertices)[:n]
            request = Request(position=start, goal=goal, seed=seed)
            search = Planner(graph).search(request)
            search.advance(500_000)
            if search.status is SearchStatus.SOLVED:
                verify_plan(graph, request, search.plan())
                solved += 1
            undecided += search.status is SearchStatus.RUNNING
            proven += search.status is SearchStatus.EXHAUSTED
        note = f"{solved} solved, {proven} proven to have no solution"
        table.add(f"special {path.stem}: undecided", undecided, f"of {20 * seeds}", at_most=0, note=note)


def bench_kernels(table: Table) -> None:
    """A PIBT step in a long window, and one goal's distances."""
    for case, goal_us in ((CASES[2], 28.0), (CASES[5], 110.0)):
        graph, start, goal = case.load()
        planner, horizon = Planner(graph), 100
        request = Request(position=start, goal=goal)
        planner.plan_window(request, horizon)
        samples = []
        for seed in range(10):
            begin = time.process_time()
            plan = planner.plan_window(Request(position=start, goal=goal, seed=seed), horizon)
            samples.append((time.process_time() - begin) * 1e6 / plan.steps)
        note = f"reference in Numba {goal_us:.0f} us; {horizon} steps a call"
        table.add(f"{case.name}: PIBT step, median", np.median(samples), "us", note=note)
        planner = Planner(graph)
        begin = time.process_time()
        planner.prepare(request)
        elapsed = time.process_time() - begin
        goals = np.unique(goal).size
        table.add(f"{case.name}: distances a goal", elapsed * 1e6 / goals, "us", note=f"{goals} goals at once")


_COMPILE = """
import sys, time
sys.path.insert(0, sys.argv[1])
from building_ctrl.core.path.solver import warm_up
begin = time.process_time()
warm_up()
print(time.process_time() - begin)
"""


def bench_compile(table: Table) -> None:
    with tempfile.TemporaryDirectory() as cache:
        for name in ("compile everything, empty cache", "load everything from the cache"):
            command = [sys.executable, "-c", _COMPILE, str(ROOT)]
            env = {**os.environ, "NUMBA_CACHE_DIR": cache}
            output = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
            table.add(name, float(output), "s CPU")
