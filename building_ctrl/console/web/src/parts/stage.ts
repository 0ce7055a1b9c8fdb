import type { TFunction } from "i18next";

import type { Task } from "../api/client";

/** How far a task is, in words. */
export function stageText(t: TFunction, stage: Task["stage"]): string {
  switch (stage.kind) {
    case "waiting":
      return stage.reason ? t("stage.waitingFor", { reason: stage.reason }) : t("stage.waiting");
    case "going":
    case "serving":
      return t(`stage.${stage.kind}`, { stop: stage.stop, stops: stage.stops, place: stage.place });
    case "stuck":
      return t("stage.stuck", { reason: stage.reason });
    case "ended":
      return stage.reason;
  }
}
