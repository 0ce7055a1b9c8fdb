/** Robots as objects, for lists and panels; the plan draws from the frames themselves. */

import type { Way, Work, Motion } from "../api/client";
import type { LiveFeed } from "./feed";
import { CONNECTION, MOTION, WORK } from "./frame";

export interface Robot {
  index: number;
  name: string;
  fleet: string;
  level: string;
  x: number;
  y: number;
  battery: number;
  ageS: number;
  work: Work;
  motion: Motion;
  lost: boolean;
  way: Way | undefined;
  trouble: Trouble | undefined;
}

/** What is abnormal about a robot, the worst first. */
export type Trouble = "e_stopped" | "error" | "quarantined" | "lost" | "stale" | "refused" | "battery";

export const SEVERE: ReadonlySet<Trouble> = new Set<Trouble>(["e_stopped", "error", "quarantined"]);
export const STALE_S = 3;
const LOW_BATTERY = 15;

export function troubleOf(
  work: Work,
  lost: boolean,
  ageS: number,
  battery: number,
  charging: boolean,
  way: Way | undefined,
): Trouble | undefined {
  if (work === "e_stopped" || work === "error") return work;
  if (way?.travel === "quarantined") return "quarantined";
  if (lost) return "lost";
  if (ageS > STALE_S) return "stale";
  if (way?.travel === "refused") return "refused";
  if (battery < LOW_BATTERY && !charging) return "battery";
  return undefined;
}

/** Robots that have a task. A robot's own report knows nothing of tasks. */
export function busyRobots(feed: LiveFeed): ReadonlySet<string> {
  const open = feed.summary?.value.tasks.tasks.filter((task) => task.ended_s === 0 && task.robot);
  return new Set(open?.map((task) => task.robot));
}

/** The work state as reported; a robot on standby that has a task is at work. */
export function workOf(reported: number, busy: boolean): Work {
  const work = WORK[reported] ?? "standby";
  return work === "standby" && busy ? "performing" : work;
}

/** All robots of the newest frame, in order of name. */
export function robotsOf(feed: LiveFeed): Robot[] {
  const frame = feed.frame?.value;
  const table = feed.table;
  if (!frame || !table || frame.table !== table.table) return [];
  const sinceS = (performance.now() - (feed.frame?.atMs ?? 0)) / 1000;
  const ways = new Map(feed.summary?.value.ways.map((way) => [way.robot, way]));
  const busy = busyRobots(feed);
  const robots = table.names.map((name, i): Robot => {
    const work = workOf(frame.work[i] ?? 0, busy.has(name));
    const lost = CONNECTION[frame.connection[i] ?? 0] === "lost";
    const ageS = (frame.poseAge[i] ?? 0) + sinceS;
    const battery = frame.battery[i] ?? 0;
    const way = ways.get(name);
    return {
      index: i,
      name,
      fleet: table.fleets[i] ?? "",
      level: table.levels[frame.level[i] ?? -1] ?? "",
      x: frame.x[i] ?? 0,
      y: frame.y[i] ?? 0,
      battery,
      ageS,
      work,
      motion: MOTION[frame.motion[i] ?? 0] ?? "stopped",
      lost,
      way,
      trouble: troubleOf(work, lost, ageS, battery, work === "charging", way),
    };
  });
  return robots.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}
