/** Robots on the canvas. State is told by shape as well as by colour; grey is normal. */

import type { Motion, Work } from "../api/client";
import { SEVERE, type Trouble } from "../live/robots";
import type { Palette } from "./palette";

export interface Glyph {
  sx: number;
  sy: number;
  radius: number;
  yaw: number;
  work: Work;
  motion: Motion;
  trouble: Trouble | undefined;
  selected: boolean;
}

export function drawRobot(ctx: CanvasRenderingContext2D, palette: Palette, glyph: Glyph): void {
  const { trouble } = glyph;
  const colour = !trouble ? (glyph.motion === "moving" ? palette.moving : palette.still) : colourOf(palette, trouble);
  if (glyph.selected) ring(ctx, glyph, glyph.radius + 5, palette.select, 2.5, []);
  body(ctx, palette, glyph, colour);
  if (trouble) troubleMark(ctx, palette, glyph, trouble, colour);
  else badge(ctx, palette, glyph);
}

function colourOf(palette: Palette, trouble: Trouble): string {
  return SEVERE.has(trouble) ? palette.alarm : palette.warn;
}

function body(ctx: CanvasRenderingContext2D, palette: Palette, glyph: Glyph, colour: string): void {
  const { sx, sy, radius, yaw } = glyph;
  ctx.beginPath();
  ctx.arc(sx, sy, radius, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = palette.paper;
  ctx.stroke();
  const cos = Math.cos(yaw);
  const sin = -Math.sin(yaw);
  const at = (along: number, across: number): [number, number] => [
    sx + radius * (along * cos - across * sin),
    sy + radius * (along * sin + across * cos),
  ];
  ctx.beginPath();
  ctx.moveTo(...at(0.78, 0));
  ctx.lineTo(...at(-0.35, 0.5));
  ctx.lineTo(...at(-0.1, 0));
  ctx.lineTo(...at(-0.35, -0.5));
  ctx.closePath();
  ctx.fillStyle = palette.paper;
  ctx.fill();
}

function ring(
  ctx: CanvasRenderingContext2D,
  glyph: Glyph,
  radius: number,
  colour: string,
  width: number,
  dash: number[],
): void {
  ctx.beginPath();
  ctx.setLineDash(dash);
  ctx.arc(glyph.sx, glyph.sy, radius, 0, 2 * Math.PI);
  ctx.lineWidth = width;
  ctx.strokeStyle = colour;
  ctx.stroke();
  ctx.setLineDash([]);
}

function troubleMark(
  ctx: CanvasRenderingContext2D,
  palette: Palette,
  glyph: Glyph,
  trouble: Trouble,
  colour: string,
): void {
  if (trouble === "lost" || trouble === "stale") ring(ctx, glyph, glyph.radius + 3.5, colour, 2, [4, 3]);
  else polygon(ctx, glyph.sx, glyph.sy, glyph.radius + 4.5, SEVERE.has(trouble) ? 8 : 4, colour);
  if (trouble === "battery") batteryMark(ctx, palette, glyph, colour);
  else mark(ctx, palette, glyph, { lost: "×", stale: "×", refused: "?" }[trouble as string] ?? "!", colour);
}

/** What the robot does beside driving: waiting, charging, or in a person's hands. */
function badge(ctx: CanvasRenderingContext2D, palette: Palette, glyph: Glyph): void {
  if (glyph.work === "charging") mark(ctx, palette, glyph, "ϟ", palette.moving);
  else if (glyph.work === "maintenance" || glyph.work === "manual") mark(ctx, palette, glyph, "✋\uFE0E", palette.moving);
  else if (glyph.motion === "waiting") mark(ctx, palette, glyph, "Ⅱ", palette.moving);
}

function batteryMark(ctx: CanvasRenderingContext2D, palette: Palette, glyph: Glyph, colour: string): void {
  mark(ctx, palette, glyph, "", colour);
  const [sx, sy] = [glyph.sx + 0.8 * glyph.radius, glyph.sy - 0.8 * glyph.radius];
  ctx.strokeRect(sx - 4, sy - 2.2, 7, 4.4);
  ctx.fillRect(sx - 4, sy - 2.2, 2, 4.4);
  ctx.fillRect(sx + 3.4, sy - 1, 1.2, 2);
}

function mark(ctx: CanvasRenderingContext2D, palette: Palette, glyph: Glyph, letter: string, colour: string): void {
  const sx = glyph.sx + 0.8 * glyph.radius;
  const sy = glyph.sy - 0.8 * glyph.radius;
  ctx.beginPath();
  ctx.arc(sx, sy, 6.5, 0, 2 * Math.PI);
  ctx.fillStyle = palette.paper;
  ctx.fill();
  ctx.lineWidth = 1.2;
  ctx.strokeStyle = colour;
  ctx.stroke();
  ctx.fillStyle = colour;
  ctx.font = `700 9px ${palette.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(letter, sx, sy + 0.5);
}

function polygon(
  ctx: CanvasRenderingContext2D,
  sx: number,
  sy: number,
  radius: number,
  corners: number,
  colour: string,
): void {
  ctx.beginPath();
  for (let i = 0; i < corners; i++) {
    const angle = ((i + 0.5) * 2 * Math.PI) / corners;
    ctx.lineTo(sx + radius * Math.cos(angle), sy + radius * Math.sin(angle));
  }
  ctx.closePath();
  ctx.lineWidth = 2;
  ctx.strokeStyle = colour;
  ctx.stroke();
}

/** Text with a halo, so that it can be read over lines. */
export function label(
  ctx: CanvasRenderingContext2D,
  palette: Palette,
  text: string,
  sx: number,
  sy: number,
  colour: string,
  weight = 500,
  size = 11,
): void {
  ctx.font = `${weight} ${size}px ${palette.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  ctx.lineWidth = 3;
  ctx.lineJoin = "round";
  ctx.strokeStyle = palette.paper;
  ctx.strokeText(text, sx, sy);
  ctx.fillStyle = colour;
  ctx.fillText(text, sx, sy);
}
