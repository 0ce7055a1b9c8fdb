import { Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Lift, Ride } from "../api/client";
import { Shape, type Grade } from "./Shape";

const SILENT_S = 10;

/** Every elevator in two lines: where the car is, its door, its mode, and which robot uses it. */
export function LiftList({ lifts, rides }: { lifts: Lift[]; rides: Ride[] }) {
  const { t } = useTranslation();
  return (
    <Stack gap={6}>
      {lifts.map((lift) => {
        const silent = lift.age_s === null || lift.age_s > SILENT_S;
        const riders = rides.filter((ride) => ride.lift === lift.name && ["boarding", "riding", "alighting"].includes(ride.phase));
        const moving = lift.motion === "up" || lift.motion === "down";
        const where = moving
          ? t("lifts.moving", { from: lift.level, to: lift.destination })
          : t("lifts.at", { level: lift.level });
        return (
          <div key={lift.name}>
            <Group gap={8} wrap="nowrap">
              <Shape grade={gradeOf(lift, silent)} size={13} />
              <Text size="sm" fw={600}>
                {lift.name}
              </Text>
              <Text size="sm" className="tabular">
                {silent ? t("lifts.silent") : where}
              </Text>
            </Group>
            <Text size="xs" c="dimmed" pl={21}>
              {[t(`lifts.mode.${lift.mode}`), t(`lifts.door.${lift.door}`), ...riders.map((ride) => t("lifts.riding", { robot: ride.robot }))].join(" · ")}
            </Text>
          </div>
        );
      })}
    </Stack>
  );
}

function gradeOf(lift: Lift, silent: boolean): Grade {
  if (lift.mode === "fire" || lift.mode === "emergency") return "high";
  return silent || lift.mode === "offline" || lift.mode === "unknown" ? "medium" : "ok";
}
