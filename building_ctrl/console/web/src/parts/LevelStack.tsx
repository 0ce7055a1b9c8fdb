import { ScrollArea, Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Level, Lift } from "../api/client";
import { SEVERE, type Robot } from "../live/robots";
import { Shape } from "./Shape";
import classes from "./stack.module.css";

interface Props {
  levels: Level[];
  robots: Robot[];
  lifts: Lift[];
  current: string | undefined;
  onChoose: (level: string) => void;
}

/** The building's levels, the highest on top, with how many robots are on each, the cars, and what is abnormal. */
export function LevelStack({ levels, robots, lifts, current, onChoose }: Props) {
  const { t } = useTranslation();
  return (
    <ScrollArea className={classes.stack} component="nav" aria-label={t("plan.levels")} type="auto">
      <div className={classes.list}>
        {[...levels].reverse().map((level) => {
          const here = robots.filter((robot) => robot.level === level.name);
          const bad = here.filter((robot) => robot.trouble);
          const severe = bad.some((robot) => robot.trouble && SEVERE.has(robot.trouble));
          const cars = lifts.filter((lift) => lift.level === level.name && lift.age_s !== null);
          return (
            <UnstyledButton
              key={level.name}
              className={classes.level}
              aria-current={level.name === current ? "page" : undefined}
              onClick={() => onChoose(level.name)}
            >
              <span className={classes.name}>{level.name}</span>
              <span className={classes.facts}>
                {bad.length > 0 && (
                  <Shape grade={severe ? "high" : "medium"} size={14} label={t("level.abnormal", { count: bad.length })} />
                )}
                {cars.map((lift) => (
                  <span key={lift.name} className={classes.car} title={lift.name} data-open={lift.door === "open" || undefined} />
                ))}
                <Text span size="xs" c="dimmed" className="tabular">
                  {t("level.robots", { count: here.length })}
                </Text>
              </span>
            </UnstyledButton>
          );
        })}
      </div>
    </ScrollArea>
  );
}
