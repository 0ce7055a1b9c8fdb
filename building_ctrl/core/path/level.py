"""One level: plans the moves of its robots and releases them in an order that can neither collide nor deadlock.

The plan starts from the frontier, the vertices at which every released path ends, and is one total order of moves in
which each robot moves alone (core.path.solver). A move is released when no earlier move that its sweep touches is
still to be done, so concatenated plans stay one valid plan under any delay of any robot. What is planned but not
released may be thrown away at any time: released moves depend on nothing but themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.path.agent import NO_WAIT, Action, Agent, Wait
from building_ctrl.core.path.claims import Claims, ConflictIndex
from building_ctrl.core.path.door_needs import DoorNeed, DoorNeeds
from building_ctrl.core.path.gate import Gate, refusal
from building_ctrl.core.path.goal_search import GoalSearch, from_end_of
from building_ctrl.core.path.graph import planning_graph
from building_ctrl.core.path.progress import note_progress
from building_ctrl.core.path.releasing import LevelReleaser
from building_ctrl.core.path.solver import Plan, Planner, Request
from building_ctrl.model.path import WaitingKind
from building_ctrl.model.roadmap import LevelRoadmap

IDLE_REPLAN_S = 0.5


@dataclass(frozen=True, slots=True)
class LevelParameters:
    """How far ahead to plan and to release.

    A robot may hold at most `release_m` of path ahead of the last vertex it reached, and at least one action. Up to
    `search_agents` robots are planned to their goals by a complete search of at most `search_expansions`, shortened in
    `refine_iterations`; more of them, or where the search has not ended, by rolling windows of `horizon_steps`.
    In one cycle at most about `cycle_work` is done beyond a window: states expanded, some 0.1 us each; searches and
    refinements go on in the next cycles.
    """

    horizon_steps: int = 16
    release_steps: int = 8
    release_m: float = 4.0
    nominal_speed_mps: float = 1.0
    replan_s: float = 2.0
    stall_s: float = 15.0
    search_agents: int = 24
    search_expansions: int = 500
    stalled_expansions: int = 80_000
    most_expansions: int = 320_000
    refine_iterations: int = 40
    cycle_work: int = 20_000


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
        self._new_goals = False
        self._planned_s = float("-inf")
        self._complete = False
        self._obstructed: dict[str, NDArray[np.bool_]] = {}
        self.halted = ""
        self._search: GoalSearch | None = None
        self._stall_limit = parameters.stalled_expansions
        self._refine_left = 0
        self._releaser = LevelReleaser(roadmap)
        self._unsettled = True
        self._doors = DoorNeeds()
        self.work = 0

    @property
    def planned_s(self) -> float:
        """When the present plan was made; -inf: never."""
        return self._planned_s

    @property
    def searching(self) -> bool:
        """Whether a search for everybody's way goes on in the next cycle."""
        return self._search is not None

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
        self._doors.moved.add(agent.name)
        self._stale = True

    def remove(self, name: str) -> Agent:
        """Let a robot leave the level, its claims with it."""
        agent = self.agents.pop(name)
        for action in agent.actions:
            self._claims.remove(name, action.edge)
        self._cabin_pass.pop(name, None)
        self._doors.forget(name)
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
            agent.gate_edge = -1
            self._new_goals = True

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
            self.agents[name].gate_edge = -1
            self._stale = True

    def use_roadmap(self, roadmap: LevelRoadmap) -> None:
        """Go on with other navigation graphs and speeds on the same vertices and edges."""
        self.roadmap, self._search, self._stale = roadmap, None, True
        self._planner = Planner(planning_graph(roadmap, self.parameters.nominal_speed_mps))

    def close_edges(self, closed: NDArray[np.bool_]) -> None:
        if not np.array_equal(closed, self._closed):
            self._closed = closed.copy()
            self._stale = True

    def obstruct(self, name: str, edges: NDArray[np.bool_] | None) -> None:
        """Keep all others from edges (m,) bool that a robot in doubt may touch; None: that robot is not in doubt."""
        before = self._obstructed.pop(name, None)
        if edges is not None:
            self._obstructed[name] = edges
        if before is not edges:
            self._stale = self._unsettled = True

    def obstructed_by(self, edge: int, name: str) -> str:
        """Another robot in doubt that may touch an edge; empty when there is none."""
        found = (other for other, edges in self._obstructed.items() if other != name and edges[edge])
        return next(found, "")

    def _obstructed_edges(self) -> NDArray[np.bool_]:
        """(m,) edges that any robot in doubt may touch."""
        found = np.zeros(self.roadmap.n_edges, dtype=bool)
        for edges in self._obstructed.values():
            found |= edges
        return found

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
        self._plan, self._stale, self._search, self._refine_left = [], True, None, 0
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
            self._doors.moved.add(name)
            self._unsettled = True

    # -- planning and release -----------------------------------------------------------------------------------

    def step(self, now: float, gate: Gate) -> list[str]:
        """Plan where needed and release what may be released. Returns robots whose released path has grown."""
        self._leave_gates(gate)
        self.work = 0
        if self._needs_plan(now):
            self._make_plan(now)
        elif self._search is not None:
            self._search_on(self._search)
        elif self._refine_left > 0:
            agents = list(self.agents.values())
            self._refine(agents, self._request(agents, [a.heads_for for a in agents]))
        return [] if self.halted else self._release(gate)

    def door_needs(self) -> list[DoorNeed]:
        """What the robots on the level need of doors, and those that have ceased to need any since the last call."""
        return self._doors.needs(self.roadmap, self.agents, self.parameters.nominal_speed_mps)

    def moves_ahead(self) -> list[tuple[str, int]]:
        """(robot, edge) of all released and planned moves, in an order in which they can be done."""
        return [(name, action.edge) for name, agent in self.agents.items() for action in agent.actions] + self._plan

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
        if self._search is not None:
            return self._new_goals and not self._search.for_stall
        if self._new_goals:
            return True
        waiting = any(a.wait.kind is WaitingKind.ROBOT for a in self.agents.values())
        if waiting and now - self._planned_s >= self.parameters.replan_s and not self._complete:
            return True
        if now - self._planned_s < (self.parameters.replan_s if self._complete else IDLE_REPLAN_S):
            return False
        return any(a.idles_away for a in self.agents.values())

    def _make_plan(self, now: float) -> None:
        """To the goals where a search finds that soon, a window otherwise; the search then goes on from its end."""
        agents = list(self.agents.values())
        request = self._request(agents, [a.heads_for for a in agents])
        search = self._search = self._begin_search(agents, request, now)
        self._stale = self._new_goals = self._complete = False
        self._planned_s, self._refine_left = now, 0
        if search is not None:
            self.work += search.advance(self.parameters.cycle_work // 2)
            if search.solved:
                self._plan = []
                self._adopt(search)
                self._refine(agents, request)
                return
        plan = self._plan_window(agents, request)
        names = [agent.name for agent in agents]
        self._take([(names[agent], edge) for _, agent, edge in plan.moves.tolist()])
        if search is not None and search.ended:
            self._give_up(search)
        elif search is not None:
            ahead = from_end_of(request, plan.final_position)
            self._search = self._search_for(ahead, agents, search.expansions_left, search.for_stall)

    def _plan_window(self, agents: list[Agent], request: Request) -> Plan:
        """A window that goes on from what is left of the last plan where that is still of use."""
        chosen = self.parameters
        left = max(1, chosen.cycle_work - self.work)
        plan = self._planner.plan_rolling(
            request, self._rows_of_plan(agents), chosen.horizon_steps, chosen.refine_iterations, left
        )
        self.work += plan.stats.states
        return plan

    def _rows_of_plan(self, agents: list[Agent]) -> list[tuple[int, int, int]]:
        """What is left of the plan as rows [0, agent, edge]."""
        number = {agent.name: i for i, agent in enumerate(agents)}
        return [(0, number[name], edge) for name, edge in self._plan if name in number]

    def _begin_search(self, agents: list[Agent], request: Request, now: float) -> GoalSearch | None:
        """A search that brings everybody to its goal, where there are few robots or one has come no nearer."""
        if all(agent.frontier == agent.goal for agent in agents):
            return None
        interrupted = self._search.expansions_left if self._search is not None and self._search.for_stall else 0
        if note_progress(agents, self._distances(request), now, self.parameters.stall_s):
            limit = self._stall_limit
        elif interrupted:
            limit = interrupted
        elif len(agents) <= self.parameters.search_agents:
            return self._search_for(request, agents, self.parameters.search_expansions)
        else:
            return None
        return self._search_for(request, agents, limit, for_stall=True)

    def _search_for(
        self, request: Request, agents: list[Agent], max_expansions: int, for_stall: bool = False
    ) -> GoalSearch:
        return GoalSearch(self._planner, request, [agent.name for agent in agents], max_expansions, for_stall)

    def _search_on(self, search: GoalSearch) -> None:
        """Go on with a search that begins at the end of the plan."""
        self.work += search.advance(self.parameters.cycle_work)
        if search.solved:
            self._adopt(search)
        elif search.ended:
            self._give_up(search)

    def _give_up(self, search: GoalSearch) -> None:
        """Of searches for the same stall each may take twice as long as the one before."""
        if search.for_stall:
            self._stall_limit = min(2 * self._stall_limit, self.parameters.most_expansions)
        self._search = None

    def _adopt(self, search: GoalSearch) -> None:
        """Carry out what a search has found after what is planned so far."""
        self._take(self._plan + search.moves())
        self._search, self._complete = None, True
        self._stall_limit = self.parameters.stalled_expansions
        self._refine_left = self.parameters.refine_iterations if len(self.agents) > 1 else 0

    def _refine(self, agents: list[Agent], request: Request) -> None:
        """Shorten the plan with what is left of the cycle's work."""
        left = self.parameters.cycle_work - self.work
        if left <= 0 or not self._plan:
            return
        refiner = self._planner.refine(request, self._rows_of_plan(agents))
        refiner.advance(self._refine_left, max_states=left)
        self.work += refiner.states
        self._refine_left -= refiner.iterations
        self._take([(agents[agent].name, edge) for _, agent, edge in refiner.plan().moves.tolist()])

    def _take(self, plan: list[tuple[str, int]]) -> None:
        self._plan = plan
        self._unsettled = True
        self._share_out()

    def _share_out(self) -> None:
        for agent in self.agents.values():
            agent.planned = []
        for name, edge in self._plan:
            self.agents[name].planned.append(edge)
        self._doors.moved.update(self.agents)

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
            priority=[a.priority for a in agents],
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
        blocked = self._obstructed_edges()
        for agent in agents:
            if not agent.healthy:
                for action in agent.actions:
                    blocked[self._index.touching(action.edge)] = True
        return blocked

    def _release(self, gate: Gate) -> list[str]:
        """One pass over the plan; without anything new since the last one only gates can let somebody go."""
        if not (self._unsettled or any(agent.at_gate for agent in self.agents.values())):
            return []
        chosen = self.parameters
        outcome = self._releaser.run(
            self.agents,
            self._plan,
            self._releaser.gated | self._closed | self._obstructed_edges(),
            lambda agent, edge: self._refusal(agent, edge, gate),
            chosen.release_m,
            chosen.release_steps * max(1, len(self.agents)),
        )
        self._plan, self._unsettled = outcome.kept, bool(outcome.released)
        for agent, edge in outcome.released:
            agent.planned.pop(0)
            self._release_one(agent, edge, gate)
        self._stop_at_gates(gate)
        grown = list(dict.fromkeys(agent.name for agent, _ in outcome.released))
        self._doors.moved.update(grown)
        return grown

    def _refusal(self, agent: Agent, edge: int, gate: Gate) -> Wait | None:
        """Why an edge may not be used now though nobody is in the way, or None."""
        if self._closed[edge]:
            return Wait(WaitingKind.PLACE, self.roadmap.label(int(self.roadmap.edge_to[edge])))
        intruder = self.obstructed_by(edge, agent.name) if self._obstructed else ""
        return Wait(WaitingKind.ROBOT, intruder) if intruder else refusal(gate, self.roadmap, agent.name, edge)

    def _stop_at_gates(self, gate: Gate) -> None:
        """Robots at a closed gate that others wait for are planned for as if they had nowhere to go."""
        awaited = {a.wait.holder for a in self.agents.values() if a.wait.kind is WaitingKind.ROBOT}
        for agent in self.agents.values():
            if agent.gate_edge >= 0:
                agent.wait = self._refusal(agent, agent.gate_edge, gate) or NO_WAIT
            elif agent.name in awaited and agent.at_gate and agent.planned and not agent.actions:
                agent.gate_edge = agent.planned[0]
                self._stale = True

    def _leave_gates(self, gate: Gate) -> None:
        """Robots whose gate has opened, or is given up, are planned for again."""
        for agent in self.agents.values():
            edge = agent.gate_edge
            if edge >= 0 and (self._closed[edge] or self._refusal(agent, edge, gate) is None):
                agent.gate_edge = -1
                self._stale = True

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
        for agent in self.agents.values():
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
