import type { TFunction } from "i18next";

/** A duration as people say it. */
export function ageText(t: TFunction, seconds: number): string {
  if (seconds < 90) return t("age.s", { n: Math.max(0, Math.round(seconds)) });
  if (seconds < 5400) return t("age.min", { n: Math.round(seconds / 60) });
  return t("age.h", { n: Math.round(seconds / 3600) });
}
