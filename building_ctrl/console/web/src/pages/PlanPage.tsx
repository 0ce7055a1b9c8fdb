import { Alert, Loader, Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";

import type { Building } from "../api/client";
import { useBuilding, useRobots, useSummary } from "../live/hooks";
import { LevelStack } from "../parts/LevelStack";
import { SidePanel } from "../parts/SidePanel";
import { Plan } from "../plan/Plan";
import classes from "./pages.module.css";

/** The live plan of a level, the levels as a stack beside it, and a panel of what is on the level. */
export function PlanPage({ stale }: { stale: boolean }) {
  const { t } = useTranslation();
  const building = useBuilding();
  if (!building) {
    return (
      <Stack align="center" justify="center" h="100%">
        <Loader />
        <Text>{t("plan.loading")}</Text>
      </Stack>
    );
  }
  return <LoadedPage building={building} stale={stale} />;
}

function LoadedPage({ building, stale }: { building: Building; stale: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const wanted = useParams()["level"];
  const robots = useRobots();
  const summary = useSummary();
  const [selected, setSelected] = useState<string>();
  const level = useMemo(
    () => building.levels.find((candidate) => candidate.name === (wanted ?? building.levels[0]?.name)),
    [building, wanted],
  );
  const goTo = (name: string) => void navigate(`/plan/${encodeURIComponent(name)}`);
  const select = (name: string | undefined) => {
    setSelected(name);
    const robot = robots.find((candidate) => candidate.name === name);
    if (robot?.level && robot.level !== level?.name) goTo(robot.level);
  };
  return (
    <div className={classes.plan} data-stale={stale || undefined}>
      <LevelStack levels={building.levels} robots={robots} lifts={summary?.lifts ?? []} current={level?.name} onChoose={goTo} />
      <main className={classes.drawing}>
        {level ? (
          <Plan level={level} lifts={building.lifts} selected={selected} stale={stale} onSelect={select} />
        ) : (
          <Alert m="md">{t("plan.noLevel", { level: wanted })}</Alert>
        )}
      </main>
      <SidePanel level={level?.name ?? ""} robots={robots} selected={selected} onSelect={select} />
    </div>
  );
}
