import { Box, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useConnected, useFeed, useSummary, useTick } from "../live/hooks";
import { ageText } from "./age";
import { Shape } from "./Shape";

const STALE_S = 5;

interface Freshness {
  /** Nothing shown is of now. */
  stale: boolean;
  texts: string[];
}

/** What of the picture is old, and how old. */
export function useFreshness(): Freshness {
  const { t } = useTranslation();
  useTick(1000);
  const feed = useFeed();
  const connected = useConnected();
  const summary = useSummary();
  const sinceS = feed.summary ? (performance.now() - feed.summary.atMs) / 1000 : 0;
  if (!connected || sinceS > STALE_S) {
    const age = feed.summary ? ageText(t, sinceS) : ageText(t, performance.now() / 1000);
    return { stale: true, texts: [t("live.banner.connection", { age })] };
  }
  if (!summary) return { stale: false, texts: [] };
  const texts: string[] = [];
  for (const source of ["robots", "travel", "tasks"] as const) {
    const age = summary.ages_s[source];
    if (age === null || age === undefined) texts.push(t(`live.banner.${source}Never`));
    else if (age > STALE_S) texts.push(t(`live.banner.${source}`, { age: ageText(t, age + sinceS) }));
  }
  const robots = summary.ages_s["robots"];
  return { stale: robots === null || robots === undefined || robots > STALE_S, texts };
}

/** A line across the page while something is not live. */
export function StaleBanner({ texts }: { texts: string[] }) {
  if (texts.length === 0) return null;
  return (
    <Box role="status" px="md" py={6} bg="var(--warn-paper)" style={{ borderBottom: "1px solid var(--warn)" }}>
      {texts.map((text) => (
        <Group key={text} gap="xs" wrap="nowrap">
          <Shape grade="medium" />
          <Text size="sm">{text}</Text>
        </Group>
      ))}
    </Box>
  );
}

/** "Live" in the header, or that it is not. */
export function LiveMark({ stale }: { stale: boolean }) {
  const { t } = useTranslation();
  const connected = useConnected();
  const text = !connected ? t("live.connecting") : stale ? t("live.stale") : t("live.ok");
  return (
    <Group gap={6} wrap="nowrap">
      <Shape grade={!connected || stale ? "medium" : "ok"} size={12} />
      <Text size="sm" fw={stale || !connected ? 650 : 400}>
        {text}
      </Text>
    </Group>
  );
}
