/** Marks of priority and trouble: a shape of its own each, so that colour is never alone. */

export type Grade = "high" | "medium" | "low" | "ok";

const SHAPES: Record<Grade, { path: string; colour: string; letter: string }> = {
  high: { path: "M5.5 1h5L15 5.5v5L10.5 15h-5L1 10.5v-5z", colour: "var(--alarm)", letter: "!" },
  medium: { path: "M8 1l7.2 13.5H.8z", colour: "var(--warn)", letter: "!" },
  low: { path: "M8 .8L15.2 8 8 15.2.8 8z", colour: "var(--plan-faint)", letter: "i" },
  ok: { path: "M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13z", colour: "var(--plan-still)", letter: "" },
};

export function Shape({ grade, label, size = 16 }: { grade: Grade; label?: string; size?: number }) {
  const { path, colour, letter } = SHAPES[grade];
  const named = label ? { role: "img", "aria-label": label } : { "aria-hidden": true };
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" {...named} style={{ flex: "none", display: "block" }}>
      <path d={path} fill={colour} />
      {letter && (
        <text
          x="8"
          y={grade === "medium" ? 13 : 11.8}
          textAnchor="middle"
          fontSize="10"
          fontWeight="800"
          fill="var(--plan-paper)"
        >
          {letter}
        </text>
      )}
    </svg>
  );
}
