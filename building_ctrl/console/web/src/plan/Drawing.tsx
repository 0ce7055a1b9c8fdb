import { memo } from "react";

import type { DoorState, Level, Lift, LiftShaft } from "../api/client";
import classes from "./plan.module.css";

type Segment = readonly [number, number, number, number];

/** Floors, lanes and walls: what only changes with the map. */
export const Drawing = memo(function Drawing({ level }: { level: Level }) {
  return (
    <g>
      {level.floors.map((floor, i) => (
        <polygon key={i} points={floor.map(([x, y]) => `${x},${y}`).join(" ")} className={classes.floor} />
      ))}
      <path d={level.lanes.map(line).join("")} className={classes.lane} />
      <path d={level.walls.map(line).join("")} className={classes.wall} />
    </g>
  );
});

/** Doors: a closed one is a thick line, an open one a gap with stubs, a moving one dashed. */
export function Doors({ level, states }: { level: Level; states: Map<string, DoorState> }) {
  return (
    <g>
      {level.doors.map((door) => {
        const state = states.get(door.name);
        const mode = !state || state.age_s === null || state.age_s > 10 ? "unknown" : state.mode;
        return (
          <g key={door.name}>
            <title>{door.name}</title>
            <path d={line(door.opening)} className={classes.doorway} />
            <path
              d={mode === "open" ? stubs(door.opening) : line(door.opening)}
              className={classes.door}
              data-mode={mode}
            />
          </g>
        );
      })}
    </g>
  );
}

/** Cabins: filled where the car stands at this level, empty and crossed where it is elsewhere. */
export function Cabins({ level, lifts, states }: { level: Level; lifts: LiftShaft[]; states: Map<string, Lift> }) {
  return (
    <g>
      {lifts
        .filter((lift) => lift.levels.includes(level.name))
        .map((lift) => {
          const state = states.get(lift.name);
          const here = state?.level === level.name;
          const [w, d] = [lift.width_m / 2, lift.depth_m / 2];
          const turn = `translate(${lift.x_m} ${lift.y_m}) rotate(${(lift.yaw_rad * 180) / Math.PI})`;
          const doors = new Set(lift.level_doors[level.name]);
          const open = here && state?.door === "open";
          return (
            <g key={lift.name} data-mode={state?.mode ?? "unknown"} className={classes.lift}>
              <title>{lift.name}</title>
              <g transform={turn}>
                <rect x={-w} y={-d} width={2 * w} height={2 * d} className={here ? classes.car : classes.shaft} />
                {!here && <path d={`M${-w} ${-d}L${w} ${d}M${-w} ${d}L${w} ${-d}`} className={classes.cross} />}
              </g>
              {lift.doors
                .filter((door) => doors.has(door.name))
                .map((door) => (
                  <g key={door.name}>
                    <path d={line(door.opening)} className={classes.doorway} />
                    <path
                      d={open ? stubs(door.opening) : line(door.opening)}
                      className={classes.door}
                      data-mode={here && state?.door === "moving" ? "moving" : open ? "open" : "closed"}
                    />
                  </g>
                ))}
            </g>
          );
        })}
    </g>
  );
}

function line([x1, y1, x2, y2]: Segment | number[]): string {
  return `M${x1} ${y1}L${x2} ${y2}`;
}

/** The two ends of an opening. */
function stubs(opening: Segment | number[]): string {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = opening;
  const [dx, dy] = [0.15 * (x2 - x1), 0.15 * (y2 - y1)];
  return line([x1, y1, x1 + dx, y1 + dy]) + line([x2, y2, x2 - dx, y2 - dy]);
}
