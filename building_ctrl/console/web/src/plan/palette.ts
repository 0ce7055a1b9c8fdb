/** Colours of the canvas, from the same CSS variables as everything else. */

export interface Palette {
  paper: string;
  text: string;
  faint: string;
  moving: string;
  still: string;
  path: string;
  warn: string;
  alarm: string;
  select: string;
  font: string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const get = (name: string) => style.getPropertyValue(name).trim();
  return {
    paper: get("--plan-paper"),
    text: get("--plan-text"),
    faint: get("--plan-faint"),
    moving: get("--plan-moving"),
    still: get("--plan-still"),
    path: get("--plan-path"),
    warn: get("--warn"),
    alarm: get("--alarm"),
    select: get("--select"),
    font: style.fontFamily,
  };
}
