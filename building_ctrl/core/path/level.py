"""One level: plans the moves of its robots and releases them in an order that can neither collide nor deadlock.

The plan starts from the frontier, the vertices at which every released path ends, and is one total order of moves in
which each robot moves alone (core.path.solver). A move is released when no earlier move that its sweep touches is
still to be done, so concatenated plans stay one valid plan under any delay of any robot. What is planned but not
released may be thrown away at any time: released moves depend on nothing but themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.path.agent import NO_WAIT, Action, Agent, Wait
from building_ctrl.core.path.claims import Claims, ConflictIndex
from building_ctrl.core.path.gate import Gate
from building_ctrl.core.path.graph import planning_graph
from building_ctrl.core.path.solver import Plan, Planner, Request, SearchStatus
from building_ctrl.model.path import WaitingKind
from building_ctrl.model.roadmap import LevelRoadmap


@dataclass(frozen=True, slots=True)
class LevelParameters:
    """How far ahead to plan and to release.

    A robot may hold at most `release_m` of path ahead of the last vertex it reached, and at least one action. Up to
    `search_agents` robots are planned to their goals by a complete search of at most `search_expansions`, shortened in
    `refine_iterations`; more of them, or where the search has not ended, by rolling windows of `horizon_steps`.
    """

    horizon_steps: int = 16
    release_steps: int = 8
    release_m: float = 4.0
    nominal_speed_mps: float = 1.0
    replan_s: float = 2.0
    stall_s: float = 15.0
    search_agents: int = 24
    search_expansions: int = 500
    stalled_expansions: int = 5000
    refine_iterations: int = 40


class LevelCoordinator:
    """Owns the vertices of one level: the only writer of who may be where on it.

    `closed` (m,) bool are edges no plan may use (closed lanes, doors that do not work, obstacles).
    """

    def __init__(self, roadmap: LevelRoadmap, parameters: LevelParameters) -> None:
        self.roadmap = roadmap
        self.parameters = parameters
        self.agents: dict[str, Agent] = {}
        self._planner = Planner(planning_graph(roadmap, parameters.nominal_speed_mps))
        self._index = ConflictIndex(roadmap)
        self._claims = Claims(self._index, roadmap.n_edges)
        self._closed: NDArray[np.bool_] = np.zeros(roadmap.n_edges, dtype=bool)
        self._cabins = [lift for lift in dict.fromkeys(roadmap.cabin_lift) if lift]
        self._allowed = self._allowed_rows()
        self._cabin_pass: dict[str, str] = {}
        self._plan: list[tuple[str, int]] = []
        self._stale = True
        self._planned_s = float("-inf")
        self._complete = False
        self._obstructed: dict[str, NDArray[np.bool_]] = {}
        self.halted = ""

    # -- robots -----------------------------------------------------------------------------------------------

    def add(self, agent: Agent) -> None:
        """Take a robot onto the level. Raises ValueError when its vertex is already somebody's."""
        taken = self.holder_near(agent.frontier, agent.name)
        if taken:
            raise ValueError(
                f"{agent.name} cannot join level {self.roadmap.level!r} at {self.roadmap.label(agent.frontier)}: "
                f"{taken} is there"
            )
        self.agents[agent.name] = agent
        for action in agent.actions:
            self._claims.add(agent.name, action.edge)
        self._stale = True

    def remove(self, name: str) -> Agent:
        """Let a robot leave the level, its claims with it."""
        agent = self.agents.pop(name)
        for action in agent.actions:
            self._claims.remove(name, action.edge)
        self._cabin_pass.pop(name, None)
        self._plan = [move for move in self._plan if move[0] != name]
        self._stale = True
        return agent

    def holder_near(self, vertex: int, name: str = "") -> str:
        """Another robot whose vertex or frontier cannot be shared with `vertex`; empty when there is none."""
        rows = self.roadmap
        near = {vertex, *rows.stand_idx[rows.stand_ptr[vertex] : rows.stand_ptr[vertex + 1]].tolist()}
        for other in self.agents.values():
            if other.name != name and (other.vertex in near or other.frontier in near):
                return other.name
        return ""

    def set_goal(self, name: str, vertex: int, now: float) -> None:
        agent = self.agents[name]
        if agent.goal != vertex:
            agent.goal, agent.goal_since_s = vertex, now
            agent.best_distance, agent.progress_s = float("inf"), now
            self._stale = True

    def set_flags(self, name: str, *, healthy: bool, pinned: bool, urgent: bool) -> None:
        """healthy: obeys and reports; pinned: must not be pushed away; urgent: goes before the others."""
        agent = self.agents[name]
        if (agent.healthy, agent.pinned, agent.urgent) != (healthy, pinned, urgent):
            agent.healthy, agent.pinned, agent.urgent = healthy, pinned, urgent
            self._stale = True

    def allow_cabin(self, name: str, lift: str) -> None:
        """Let a robot's plan lead into that lift's cabin; empty: into none."""
        if self._cabin_pass.get(name, "") != lift:
            self._cabin_pass[name] = lift
            self._stale = True

    def close_edges(self, closed: NDArray[np.bool_]) -> None:
        if not np.array_equal(closed, self._closed):
            self._closed = closed.copy()
            self._stale = True

    def obstruct(self, name: str, edges: NDArray[np.bool_] | None) -> None:
        """Keep all others from edges (m,) bool that a robot in doubt may touch; None: that robot is not in doubt."""
        before = self._obstructed.pop(name, None)
        if edges is not None:
            self._obstructed[name] = edges
        self._stale |= before is not edges

    def obstructed_by(self, edge: int, name: str) -> str:
        """Another robot in doubt that may touch an edge; empty when there is none."""
        found = (other for other, edges in self._obstructed.items() if other != name and edges[edge])
        return next(found, "")

    @property
    def obstructions(self) -> Mapping[str, NDArray[np.bool_]]:
        """Edges (m,) that each robot in doubt may touch."""
        return self._obstructed

    @property
    def plan(self) -> Sequence[tuple[str, int]]:
        """(robot, edge) of the moves that are planned and not released, in their order."""
        return self._plan

    def forget_plan(self) -> None:
        """Throw away what is planned and not released; it is planned anew."""
        self._plan, self._stale = [], True
        self._share_out()

    def free_for(self, name: str, edge: int) -> bool:
        """Whether a robot that joins the level in the middle of an edge meets nobody's stretch and nobody's vertex."""
        rows = self.roadmap
        start, end = int(rows.edge_from[edge]), int(rows.edge_to[edge])
        if self._closed[edge] or self._claims.held_by_others(name, edge) or self.obstructed_by(edge, name):
            return False
        if self.holder_near(start, name) or self.holder_near(end, name):
            return False
        swept = set(rows.clear_idx[rows.clear_ptr[edge] : rows.clear_ptr[edge + 1]].tolist())
        return not any(other.frontier in swept for other in self.agents.values() if other.name != name)

    def reached(self, name: str, reached_seq: int) -> None:
        """The robot has reached all waypoints numbered below `reached_seq`."""
        agent = self.agents[name]
        while agent.actions and agent.actions[0].seq < reached_seq:
            action = agent.actions.popleft()
            agent.vertex = action.vertex
            self._claims.remove(name, action.edge)

    # -- planning and release -----------------------------------------------------------------------------------

    def step(self, now: float, gate: Gate) -> list[str]:
        """Plan where needed and release what may be released. Returns robots whose released path has grown."""
        if self._needs_plan(now):
            self._make_plan(now)
        return [] if self.halted else self._release(now, gate)

    def planned_doors(self, name: str) -> list[tuple[str, float]]:
        """(door, seconds until it is reached) of the doors on a robot's released and planned path, nearest first."""
        agent, rows = self.agents[name], self.roadmap
        seconds = 0.0
        doors: dict[str, float] = {}
        for edge in [action.edge for action in agent.actions] + agent.planned:
            if rows.edge_door[edge]:
                doors.setdefault(rows.edge_door[edge], seconds)
            seconds += float(rows.edge_length_m[edge]) / min(
                float(rows.edge_speed_mps[edge]), self.parameters.nominal_speed_mps
            )
        return list(doors.items())

    def held_doors(self, name: str) -> frozenset[str]:
        """Doors a robot may be in: those on its released path, and that of the doorway it stands in."""
        agent, rows = self.agents[name], self.roadmap
        edges = [action.edge for action in agent.actions]
        if rows.in_doorway[agent.vertex]:
            edges.extend(np.flatnonzero(rows.edge_from == agent.vertex).tolist())
        return frozenset(rows.edge_door[edge] for edge in edges if rows.edge_door[edge])

    def _allowed_rows(self) -> NDArray[np.bool_]:
        rows = np.ones((1 + len(self._cabins), self.roadmap.n_vertices), dtype=bool)
        lift_of = np.array(self.roadmap.cabin_lift)
        for row, cabin in enumerate(["", *self._cabins]):
            rows[row] = (lift_of == "") | (lift_of == cabin)
        return rows

    def _needs_plan(self, now: float) -> bool:
        if not self.agents:
            return False
        if self._stale:
            return True
        waiting = any(a.wait.kind is WaitingKind.ROBOT for a in self.agents.values())
        if waiting and now - self._planned_s >= self.parameters.replan_s and not self._complete:
            return True
        left = {name for name, _ in self._plan}
        short = any(
            a.movable and a.frontier != a.goal and name not in left and not a.actions
            for name, a in self.agents.items()
        )
        return short and now - self._planned_s >= min(0.5, self.parameters.replan_s)

    def _make_plan(self, now: float) -> None:
        agents = list(self.agents.values())
        request = self._request(agents, [a.goal for a in agents])
        plan = self._plan_to_goals(agents, request, now)
        self._complete = plan is not None
        if plan is None:
            plan = self._plan_window(agents, request)
        names = [agent.name for agent in agents]
        self._plan = [(names[agent], edge) for _, agent, edge in plan.moves.tolist()]
        self._share_out()
        self._stale = False
        self._planned_s = now

    def _plan_window(self, agents: list[Agent], request: Request) -> Plan:
        """A window that goes on from what is left of the last plan where that is still of use."""
        number = {agent.name: i for i, agent in enumerate(agents)}
        rest = [(0, number[name], edge) for name, edge in self._plan if name in number]
        chosen = self.parameters
        return self._planner.plan_rolling(request, rest, chosen.horizon_steps, chosen.refine_iterations)

    def _plan_to_goals(self, agents: list[Agent], request: Request, now: float) -> Plan | None:
        """A plan that brings everybody to its goal, or None where that was not found within the budget."""
        chosen = self.parameters
        if all(agent.frontier == agent.goal for agent in agents):
            return None
        if self._stalled(agents, request, now):
            for agent in agents:
                agent.progress_s = now
            budget = chosen.stalled_expansions
        elif len(agents) <= chosen.search_agents:
            budget = chosen.search_expansions
        else:
            return None
        search = self._planner.search(request)
        if search.advance(max_expansions=budget) is not SearchStatus.SOLVED:
            return None
        if len(agents) == 1:
            return search.plan()
        refiner = self._planner.refine(request, search.plan())
        refiner.advance(chosen.refine_iterations)
        return refiner.plan()

    def _share_out(self) -> None:
        for agent in self.agents.values():
            agent.planned = []
        for name, edge in self._plan:
            self.agents[name].planned.append(edge)

    def _stalled(self, agents: list[Agent], request: Request, now: float) -> bool:
        """Whether a robot that waits for nothing but robots has not come nearer to its goal for a while."""
        stalled = False
        for agent, distance in zip(agents, self._distances(request), strict=True):
            nearer = distance < agent.best_distance - 1e-6
            if nearer:
                agent.best_distance = distance
            at_gate = agent.wait.kind in (WaitingKind.DOOR, WaitingKind.LIFT)
            if nearer or at_gate or not agent.movable or agent.frontier == agent.goal:
                agent.progress_s = now
            stalled = stalled or now - agent.progress_s > self.parameters.stall_s
        return stalled

    def _distances(self, request: Request) -> list[float]:
        """Seconds of driving from each agent's frontier to its goal, inf where there is no goal or no way."""
        problem = self._planner.prepare(request)
        team, position = problem.team, problem.request.position
        found = np.full(position.size, np.inf)
        known = team.row >= 0
        found[known] = team.dist[team.row[known], position[known]]
        return [float(seconds) for seconds in found]

    def _request(self, agents: list[Agent], goals: list[int]) -> Request:
        return Request(
            position=[a.frontier for a in agents],
            goal=goals,
            priority=[(1e9 if a.urgent else 0.0) - a.goal_since_s for a in agents],
            graphs=[a.graph_mask for a in agents],
            movable=[a.movable for a in agents],
            agent_class=[self._class_of(a) for a in agents],
            allowed=self._allowed,
            edge_closed=self._closed | self._blocked_by_doubt(agents),
        )

    def _class_of(self, agent: Agent) -> int:
        lift = self._cabin_pass.get(agent.name, "")
        return 1 + self._cabins.index(lift) if lift in self._cabins else 0

    def _blocked_by_doubt(self, agents: list[Agent]) -> NDArray[np.bool_]:
        """(m,) edges touched by what is released to robots that may stand anywhere on it for long, and by robots that
        are not where they should be."""
        blocked = np.zeros(self.roadmap.n_edges, dtype=bool)
        for edges in self._obstructed.values():
            blocked |= edges
        for agent in agents:
            if not agent.healthy:
                for action in agent.actions:
                    blocked[self._index.touching(action.edge)] = True
        return blocked

    def _release(self, now: float, gate: Gate) -> list[str]:
        if not self._plan:
            self._clear_waits()
            return []
        pending = self._claims.copy()
        frontier_of = {agent.frontier: agent.name for agent in self.agents.values()}
        held: set[str] = set()
        grown: dict[str, None] = {}
        kept: list[tuple[str, int]] = []
        self._clear_waits()
        limit = self.parameters.release_steps * max(1, len(self.agents))
        for position, (name, edge) in enumerate(self._plan):
            if position >= limit:
                kept.extend(self._plan[position:])
                break
            agent = self.agents[name]
            if name not in held:
                wait = self._obstacle(agent, edge, pending, frontier_of, gate)
                if wait is None:
                    frontier_of.pop(agent.frontier)
                    self._release_one(agent, edge, gate)
                    frontier_of[agent.frontier] = name
                    pending.add(name, edge)
                    grown[name] = None
                    continue
                agent.wait = wait
                held.add(name)
            pending.add(name, edge)
            kept.append((name, edge))
        self._plan = kept
        if grown:
            self._share_out()
        return list(grown)

    def _clear_waits(self) -> None:
        for agent in self.agents.values():
            agent.wait = NO_WAIT

    def _obstacle(
        self, agent: Agent, edge: int, pending: Claims, frontier_of: dict[int, str], gate: Gate
    ) -> Wait | None:
        """What keeps an edge from being released to a robot now, or None."""
        rows = self.roadmap
        if not agent.healthy:
            return Wait(WaitingKind.LINK, agent.name)
        if self._closed[edge]:
            return Wait(WaitingKind.PLACE, rows.label(int(rows.edge_to[edge])))
        intruder = self.obstructed_by(edge, agent.name) if self._obstructed else ""
        if intruder:
            return Wait(WaitingKind.ROBOT, intruder)
        if agent.actions and self._held_m(agent) + float(rows.edge_length_m[edge]) > self.parameters.release_m:
            return NO_WAIT
        if pending.held_by_others(agent.name, edge):
            return Wait(WaitingKind.ROBOT, pending.holder(agent.name, edge))
        for vertex in rows.clear_idx[rows.clear_ptr[edge] : rows.clear_ptr[edge + 1]].tolist():
            other = frontier_of.get(vertex, agent.name)
            if other != agent.name:
                return Wait(WaitingKind.ROBOT, other)
        return self._closed_gate(agent, edge, gate)

    def _closed_gate(self, agent: Agent, edge: int, gate: Gate) -> Wait | None:
        rows = self.roadmap
        waits = []
        if rows.edge_door[edge]:
            waits.append(gate.door(agent.name, rows.edge_door[edge]))
        start_lift = rows.cabin_lift[int(rows.edge_from[edge])]
        end_lift = rows.cabin_lift[int(rows.edge_to[edge])]
        if end_lift and end_lift != start_lift:
            waits.append(gate.enter_cabin(agent.name, end_lift))
        if start_lift and end_lift != start_lift:
            waits.append(gate.leave_cabin(agent.name, start_lift))
        return next((wait for wait in waits if wait is not NO_WAIT), None)

    def _held_m(self, agent: Agent) -> float:
        return float(sum(self.roadmap.edge_length_m[action.edge] for action in agent.actions))

    def _release_one(self, agent: Agent, edge: int, gate: Gate) -> None:
        rows = self.roadmap
        vertex = int(rows.edge_to[edge])
        in_cabin = rows.cabin_lift[vertex] or rows.cabin_lift[int(rows.edge_from[edge])]
        ride = gate.ride_id(agent.name) if in_cabin else ""
        agent.actions.append(Action(edge, vertex, agent.next_seq, ride))
        agent.next_seq += 1
        agent.frontier = vertex
        self._claims.add(agent.name, edge)

    def assert_sound(self) -> None:
        """Check what must always hold. Raises AssertionError naming the robots.

        No two frontiers may be shared; no two released, unfinished actions of different robots may touch.
        """
        names: Iterable[Agent] = self.agents.values()
        for agent in names:
            other = self._frontier_conflict(agent)
            assert not other, f"{agent.name} and {other} end at vertices that touch on level {self.roadmap.level}"
            for action in agent.actions:
                holder = self._claims.holder(agent.name, action.edge)
                assert not holder, f"{agent.name} and {holder} hold stretches that touch on level {self.roadmap.level}"

    def _frontier_conflict(self, agent: Agent) -> str:
        rows = self.roadmap
        near = {
            agent.frontier,
            *rows.stand_idx[rows.stand_ptr[agent.frontier] : rows.stand_ptr[agent.frontier + 1]].tolist(),
        }
        return next((o.name for o in self.agents.values() if o is not agent and o.frontier in near), "")
