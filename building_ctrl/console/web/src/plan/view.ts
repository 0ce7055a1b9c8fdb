/** The part of a level that is shown: its centre in metres and pixels per metre. y is up in metres, down on screen. */

export interface View {
  cx: number;
  cy: number;
  ppm: number;
}

export interface Size {
  width: number;
  height: number;
}

type Bounds = readonly [number, number, number, number];

const MARGIN_PX = 36;
const MIN_PPM = 1;
const MAX_PPM = 400;

export function fit(bounds: Bounds, size: Size): View {
  const [x1, y1, x2, y2] = bounds;
  const width = Math.max(x2 - x1, 1);
  const height = Math.max(y2 - y1, 1);
  const ppm = Math.min((size.width - 2 * MARGIN_PX) / width, (size.height - 2 * MARGIN_PX) / height);
  return { cx: (x1 + x2) / 2, cy: (y1 + y2) / 2, ppm: clamp(ppm) };
}

export function toScreen(view: View, size: Size, x: number, y: number): [number, number] {
  return [size.width / 2 + (x - view.cx) * view.ppm, size.height / 2 - (y - view.cy) * view.ppm];
}

export function toMetres(view: View, size: Size, sx: number, sy: number): [number, number] {
  return [view.cx + (sx - size.width / 2) / view.ppm, view.cy - (sy - size.height / 2) / view.ppm];
}

/** Zooms so that the point under (sx, sy) stays where it is. */
export function zoomAt(view: View, size: Size, sx: number, sy: number, factor: number): View {
  const ppm = clamp(view.ppm * factor);
  const [x, y] = toMetres(view, size, sx, sy);
  return { cx: x - (sx - size.width / 2) / ppm, cy: y + (sy - size.height / 2) / ppm, ppm };
}

export function pan(view: View, dx: number, dy: number): View {
  return { ...view, cx: view.cx - dx / view.ppm, cy: view.cy + dy / view.ppm };
}

export function svgTransform(view: View, size: Size): string {
  const { cx, cy, ppm } = view;
  return `translate(${size.width / 2} ${size.height / 2}) scale(${ppm} ${-ppm}) translate(${-cx} ${-cy})`;
}

function clamp(ppm: number): number {
  return Math.min(MAX_PPM, Math.max(MIN_PPM, ppm));
}
