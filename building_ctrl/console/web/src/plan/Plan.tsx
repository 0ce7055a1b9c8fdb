import { ActionIcon, useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";

import type { Level, LiftShaft } from "../api/client";
import { useFeed, useSummary } from "../live/hooks";
import { drawScene, nameTags, type Drawn } from "./draw";
import { Cabins, Doors, Drawing } from "./Drawing";
import { readPalette } from "./palette";
import classes from "./plan.module.css";
import { fit, pan, svgTransform, zoomAt, type View } from "./view";

interface Props {
  level: Level;
  lifts: LiftShaft[];
  selected: string | undefined;
  stale: boolean;
  onSelect: (robot: string | undefined) => void;
}

const CLICK_PX = 5;
const PICK_PX = 8;

/** The live plan of one level: drag to move, wheel or pinch to zoom, click a robot to select it. */
export function Plan({ level, lifts, selected, stale, onSelect }: Props) {
  const { t } = useTranslation();
  const feed = useFeed();
  const summary = useSummary();
  const scheme = useComputedColorScheme("light");
  const { ref: sizeRef, width, height } = useElementSize<HTMLDivElement>();
  const size = useMemo(() => ({ width, height }), [width, height]);
  const [views, setViews] = useState<Record<string, View>>({});
  const view = useMemo(() => views[level.name] ?? fit(level.bounds, size), [views, level, size]);
  const [hovered, setHovered] = useState<string>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<Drawn[]>([]);
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const travelled = useRef(0);
  const [dragging, setDragging] = useState(false);

  useEffect(() => feed.watchLevel(level.name), [feed, level.name]);

  useEffect(() => {
    const element = canvas.current;
    const ctx = element?.getContext("2d");
    if (!element || !ctx || !size.width) return;
    const ratio = window.devicePixelRatio || 1;
    element.width = Math.round(size.width * ratio);
    element.height = Math.round(size.height * ratio);
    const plain = { view, size, level, palette: readPalette(element), selected, hovered };
    const scene = { ...plain, tags: nameTags(ctx, plain) };
    let request = 0;
    const paint = (nowMs: number) => {
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      drawn.current = drawScene(ctx, feed, scene, nowMs);
      request = requestAnimationFrame(paint);
    };
    request = requestAnimationFrame(paint);
    return () => cancelAnimationFrame(request);
  }, [feed, view, size, level, selected, hovered, scheme]);

  const setView = (next: View) => setViews((all) => ({ ...all, [level.name]: next }));
  const reset = () => setViews(({ [level.name]: _, ...rest }) => rest);
  const zoom = (factor: number, sx = size.width / 2, sy = size.height / 2) =>
    setView(zoomAt(view, size, sx, sy, factor));

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - box.left, event.clientY - box.top);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  });

  const pick = (event: PointerEvent): string | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    const [sx, sy] = [event.clientX - box.left, event.clientY - box.top];
    let best: Drawn | undefined;
    let least = Infinity;
    for (const robot of drawn.current) {
      const distance = Math.hypot(robot.sx - sx, robot.sy - sy) - robot.radius;
      if (distance < PICK_PX && distance < least) [best, least] = [robot, distance];
    }
    return best?.name;
  };

  const onPointerDown = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (pointers.current.size === 1) travelled.current = 0;
  };

  const onPointerMove = (event: PointerEvent) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) {
      setHovered(pick(event));
      return;
    }
    const now = { x: event.clientX, y: event.clientY };
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, now);
    travelled.current += Math.hypot(now.x - before.x, now.y - before.y);
    if (travelled.current < CLICK_PX) return;
    setDragging(true);
    if (!other) {
      setView(pan(view, now.x - before.x, now.y - before.y));
      return;
    }
    const box = event.currentTarget.getBoundingClientRect();
    const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
    zoom(factor, (now.x + other.x) / 2 - box.left, (now.y + other.y) / 2 - box.top);
  };

  const onPointerUp = (event: PointerEvent) => {
    const had = pointers.current.delete(event.pointerId);
    if (pointers.current.size === 0) setDragging(false);
    if (had && event.type === "pointerup" && travelled.current < CLICK_PX) onSelect(pick(event));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const step = 60;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => setView(pan(view, step, 0)),
      ArrowRight: () => setView(pan(view, -step, 0)),
      ArrowUp: () => setView(pan(view, 0, step)),
      ArrowDown: () => setView(pan(view, 0, -step)),
      "+": () => zoom(1.25),
      "=": () => zoom(1.25),
      "-": () => zoom(0.8),
      "0": reset,
      Escape: () => onSelect(undefined),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };

  const doors = useMemo(() => new Map(summary?.doors.map((door) => [door.name, door])), [summary]);
  const cars = useMemo(() => new Map(summary?.lifts.map((lift) => [lift.name, lift])), [summary]);
  return (
    <div
      ref={sizeRef}
      className={classes.plan}
      role="application"
      tabIndex={0}
      aria-label={t("plan.label", { level: level.name })}
      data-dragging={dragging || undefined}
      data-picking={hovered ? true : undefined}
      data-stale={stale || undefined}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      onKeyDown={onKeyDown}
    >
      {width > 0 && (
        <svg className={classes.layer} aria-hidden="true">
          <g transform={svgTransform(view, size)}>
            <Drawing level={level} />
            <Cabins level={level} lifts={lifts} states={cars} />
            <Doors level={level} states={doors} />
          </g>
        </svg>
      )}
      <canvas ref={canvas} className={classes.layer} />
      <ActionIcon.Group
        orientation="vertical"
        className={classes.buttons}
        onPointerDown={(event) => event.stopPropagation()}
      >
        <ActionIcon variant="default" size="lg" aria-label={t("plan.zoomIn")} onClick={() => zoom(1.4)}>
          +
        </ActionIcon>
        <ActionIcon variant="default" size="lg" aria-label={t("plan.zoomOut")} onClick={() => zoom(1 / 1.4)}>
          −
        </ActionIcon>
        <ActionIcon variant="default" size="lg" aria-label={t("plan.fit")} onClick={reset}>
          ⤢
        </ActionIcon>
      </ActionIcon.Group>
    </div>
  );
}
