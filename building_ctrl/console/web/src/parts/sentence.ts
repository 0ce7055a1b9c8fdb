import type { TFunction } from "i18next";

import type { Robot } from "../live/robots";

const HOME = "home/";

/** What a robot does, or why it does not, in one sentence. */
export function sentenceOf(t: TFunction, robot: Robot): string {
  if (robot.trouble === "refused") return `${t("trouble.refused")}${robot.way?.waiting_for ? `: ${robot.way.waiting_for}` : ""}`;
  if (robot.trouble) return t(`trouble.${robot.trouble}`);
  const { way } = robot;
  if (way && way.waiting !== "none" && way.travel === "moving" && robot.motion !== "moving") {
    if (way.waiting === "lift" && !way.waiting_for) return t("waiting.liftAny");
    return t(`waiting.${way.waiting}`, { what: way.waiting_for });
  }
  if (robot.work !== "standby" && robot.work !== "performing") return t(`work.${robot.work}`);
  if (way?.task_id.startsWith(HOME)) return way.travel === "arrived" ? t("robots.atHome") : t("robots.goingHome");
  if (way?.travel === "moving" || way?.travel === "arrived") return `${t(`motion.${robot.motion}`)} → ${way.destination}`;
  return t(`work.${robot.work}`);
}
