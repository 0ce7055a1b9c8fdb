/** Draws the moving part of a level: paths, robots and names. */

import type { Level, Path, Way } from "../api/client";
import type { LiveFeed, Received } from "../live/feed";
import { CONNECTION, MOTION, type Frame } from "../live/frame";
import { busyRobots, troubleOf, workOf } from "../live/robots";
import { drawRobot, label } from "./glyphs";
import type { Palette } from "./palette";
import { toScreen, type Size, type View } from "./view";

const FRAME_MS = 100;
const LEAST_RADIUS_PX = 8;
const NAMES_UP_TO = 60;
const PLACE_NAMES_PPM = 6;
const NAME_GAP_PX = 4;

export interface Scene {
  view: View;
  size: Size;
  level: Level;
  palette: Palette;
  selected: string | undefined;
  hovered: string | undefined;
  /** Names of places that fit without touching each other; see `nameTags`. */
  tags: Tag[];
}

interface Tag {
  text: string;
  sx: number;
  sy: number;
}

export interface Drawn {
  name: string;
  sx: number;
  sy: number;
  radius: number;
}

/** Draws one picture and returns where the robots are, for picking. */
export function drawScene(ctx: CanvasRenderingContext2D, feed: LiveFeed, scene: Scene, nowMs: number): Drawn[] {
  ctx.clearRect(0, 0, scene.size.width, scene.size.height);
  drawPlaces(ctx, scene);
  const frame = feed.frame;
  const table = feed.table;
  if (!frame || !table || frame.value.table !== table.table) return [];
  const ways = new Map(feed.summary?.value.ways.map((way) => [way.robot, way]));
  const busy = busyRobots(feed);
  const paths = feed.summary?.value.level === scene.level.name ? feed.summary.value.paths : [];
  const byRobot = new Map(paths.map((path) => [path.robot, path]));
  const level = table.levels.indexOf(scene.level.name);
  const here: { i: number; x: number; y: number; yaw: number }[] = [];
  for (let i = 0; i < frame.value.count; i++) {
    if (frame.value.level[i] === level && level >= 0) here.push({ i, ...pose(feed.previous, frame, i, nowMs) });
  }
  for (const { i, x, y } of here) {
    const path = byRobot.get(table.names[i] ?? "");
    if (path) drawPath(ctx, scene, path, x, y, table.names[i] === scene.selected);
  }
  const staleS = (nowMs - frame.atMs) / 1000;
  return here.map(({ i, x, y, yaw }) => {
    const name = table.names[i] ?? "";
    return drawOne(ctx, scene, frame.value, i, { name, x, y, yaw, staleS }, table.radius_m[i] ?? 0.3, ways.get(name), busy, here.length);
  });
}

interface Standing {
  name: string;
  x: number;
  y: number;
  yaw: number;
  staleS: number;
}

function drawOne(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  frame: Frame,
  i: number,
  robot: Standing,
  radiusM: number,
  way: Way | undefined,
  busy: ReadonlySet<string>,
  count: number,
): Drawn {
  const [sx, sy] = toScreen(scene.view, scene.size, robot.x, robot.y);
  const radius = Math.max(radiusM * scene.view.ppm, LEAST_RADIUS_PX);
  const work = workOf(frame.work[i] ?? 0, busy.has(robot.name));
  const ageS = (frame.poseAge[i] ?? 0) + robot.staleS;
  const lost = CONNECTION[frame.connection[i] ?? 0] === "lost";
  const trouble = troubleOf(work, lost, ageS, frame.battery[i] ?? 0, work === "charging", way);
  const selected = robot.name === scene.selected;
  const motion = MOTION[frame.motion[i] ?? 0] ?? "stopped";
  const waiting = way && way.waiting !== "none" && way.travel === "moving" && motion !== "moving";
  drawRobot(ctx, scene.palette, {
    sx,
    sy,
    radius,
    yaw: robot.yaw,
    work,
    motion: waiting ? "waiting" : motion,
    trouble,
    selected,
  });
  if (count <= NAMES_UP_TO || selected || trouble || robot.name === scene.hovered) {
    const stale = trouble === "stale" || trouble === "lost" ? ` · ${Math.round(ageS)} s` : "";
    const colour = selected ? scene.palette.select : scene.palette.text;
    label(ctx, scene.palette, robot.name + stale, sx, sy + radius + 6, colour, 600);
  }
  return { name: robot.name, sx, sy, radius };
}

/** Between the two newest frames, so that ten frames a second look smooth; a tenth of a second behind. */
function pose(previous: Received<Frame> | undefined, frame: Received<Frame>, i: number, nowMs: number) {
  const f = frame.value;
  const x = f.x[i] ?? 0;
  const y = f.y[i] ?? 0;
  const yaw = f.yaw[i] ?? 0;
  const p = previous?.value;
  if (!p || p.level[i] !== f.level[i] || Math.hypot(x - (p.x[i] ?? x), y - (p.y[i] ?? y)) > 1.5) return { x, y, yaw };
  const part = Math.min(1, (nowMs - frame.atMs) / FRAME_MS);
  const turn = Math.atan2(Math.sin(yaw - (p.yaw[i] ?? yaw)), Math.cos(yaw - (p.yaw[i] ?? yaw)));
  return {
    x: (p.x[i] ?? x) + part * (x - (p.x[i] ?? x)),
    y: (p.y[i] ?? y) + part * (y - (p.y[i] ?? y)),
    yaw: yaw - (1 - part) * turn,
  };
}

function drawPlaces(ctx: CanvasRenderingContext2D, scene: Scene): void {
  const { palette } = scene;
  for (const place of scene.level.places) {
    const [sx, sy] = toScreen(scene.view, scene.size, place.x_m, place.y_m);
    ctx.beginPath();
    if (place.is_charger || place.is_parking) ctx.rect(sx - 4, sy - 4, 8, 8);
    else ctx.arc(sx, sy, 3.5, 0, 2 * Math.PI);
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = palette.faint;
    ctx.fillStyle = palette.paper;
    ctx.fill();
    ctx.stroke();
  }
  for (const { text, sx, sy } of scene.tags) label(ctx, palette, text, sx, sy, palette.faint);
}

/** The names that are shown: stops before homes, each only where it touches no other. */
export function nameTags(ctx: CanvasRenderingContext2D, scene: Omit<Scene, "tags">): Tag[] {
  if (scene.view.ppm < PLACE_NAMES_PPM) return [];
  ctx.font = `500 11px ${scene.palette.font}`;
  const isHome = (place: Level["places"][number]) => Number(place.is_charger || place.is_parking);
  const prefix = `${scene.level.name}_`;
  const taken: [number, number, number, number][] = [];
  const tags: Tag[] = [];
  for (const place of [...scene.level.places].sort((a, b) => isHome(a) - isHome(b))) {
    const text = place.name.startsWith(prefix) ? place.name.slice(prefix.length) : place.name;
    const [sx, y] = toScreen(scene.view, scene.size, place.x_m, place.y_m);
    const sy = y - 18;
    const half = ctx.measureText(text).width / 2 + NAME_GAP_PX;
    const box: [number, number, number, number] = [sx - half, sy, sx + half, sy + 13];
    if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
    taken.push(box);
    tags.push({ text, sx, sy });
  }
  return tags;
}

function drawPath(ctx: CanvasRenderingContext2D, scene: Scene, path: Path, x: number, y: number, selected: boolean): void {
  const points = ahead(path.released, x, y);
  const colour = selected ? scene.palette.select : scene.palette.path;
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  ctx.strokeStyle = colour;
  polyline(ctx, scene, points, selected ? 4 : 3, []);
  const end = points[points.length - 1] ?? [x, y];
  const horizon: [number, number][] = [end];
  for (let i = 0; i + 1 < path.horizon.length; i += 2) horizon.push([path.horizon[i] ?? 0, path.horizon[i + 1] ?? 0]);
  if (horizon.length > 1) polyline(ctx, scene, horizon, 1.5, [2, 5]);
  if (points.length > 1) {
    const [sx, sy] = toScreen(scene.view, scene.size, ...end);
    ctx.fillStyle = colour;
    ctx.fillRect(sx - 3, sy - 3, 6, 6);
  }
}

/** The released waypoints from the robot on: what lies behind it is dropped. */
function ahead(released: number[], x: number, y: number): [number, number][] {
  let first = 0;
  let best = Infinity;
  for (let i = 0; i + 3 < released.length; i += 2) {
    const [ax, ay, bx, by] = [released[i] ?? 0, released[i + 1] ?? 0, released[i + 2] ?? 0, released[i + 3] ?? 0];
    const length2 = (bx - ax) ** 2 + (by - ay) ** 2;
    const t = length2 ? Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2)) : 0;
    const distance = Math.hypot(ax + t * (bx - ax) - x, ay + t * (by - ay) - y);
    if (distance < best && t > 0) [best, first] = [distance, i + 2];
  }
  if (best > 0.5) first = 0;
  const points: [number, number][] = [[x, y]];
  for (let i = first; i + 1 < released.length; i += 2) points.push([released[i] ?? 0, released[i + 1] ?? 0]);
  return points;
}

function polyline(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  points: [number, number][],
  width: number,
  dash: number[],
): void {
  ctx.beginPath();
  ctx.setLineDash(dash);
  ctx.lineWidth = width;
  for (const [x, y] of points) ctx.lineTo(...toScreen(scene.view, scene.size, x, y));
  ctx.stroke();
  ctx.setLineDash([]);
}
