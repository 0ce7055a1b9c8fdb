import { CloseButton, Group, Progress, ScrollArea, Stack, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Task } from "../api/client";
import { useSummary } from "../live/hooks";
import { SEVERE, type Robot } from "../live/robots";
import { ageText } from "./age";
import { LiftList } from "./LiftList";
import classes from "./panel.module.css";
import { Shape } from "./Shape";
import { sentenceOf } from "./sentence";

interface Props {
  level: string;
  robots: Robot[];
  selected: string | undefined;
  onSelect: (robot: string | undefined) => void;
}

/** The selected robot, the robots of the level, and the elevators. */
export function SidePanel({ level, robots, selected, onSelect }: Props) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState("");
  const summary = useSummary();
  const chosen = robots.find((robot) => robot.name === selected);
  const wanted = filter.trim().toLowerCase();
  const shown = robots.filter((robot) => (wanted ? robot.name.toLowerCase().includes(wanted) : robot.level === level || !robot.level));
  return (
    <ScrollArea className={classes.panel} component="aside" type="auto">
      <Stack gap="lg" p="md">
        {chosen && <RobotCard robot={chosen} tasks={summary?.tasks.tasks ?? []} onClose={() => onSelect(undefined)} />}
        <Section title={t("robots.title")}>
          <TextInput
            size="xs"
            placeholder={t("robots.filter")}
            aria-label={t("robots.filter")}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
          {shown.length === 0 && (
            <Text size="sm" c="dimmed">
              {t("robots.none")}
            </Text>
          )}
          {shown.slice(0, 100).map((robot) => (
            <RobotRow key={robot.name} robot={robot} selected={robot.name === selected} onSelect={onSelect} />
          ))}
        </Section>
        {summary && summary.lifts.length > 0 && (
          <Section title={t("lifts.title")}>
            <LiftList lifts={summary.lifts} rides={summary.rides} />
          </Section>
        )}
        {summary && <BadDoors level={level} />}
      </Stack>
    </ScrollArea>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap={6} component="section">
      <Title order={2} fz="sm" c="dimmed">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

function RobotRow({ robot, selected, onSelect }: { robot: Robot; selected: boolean; onSelect: Props["onSelect"] }) {
  const { t } = useTranslation();
  const grade = !robot.trouble ? "ok" : SEVERE.has(robot.trouble) ? "high" : "medium";
  return (
    <UnstyledButton
      className={classes.row}
      aria-pressed={selected}
      aria-label={t("robots.show", { name: robot.name })}
      onClick={() => onSelect(selected ? undefined : robot.name)}
    >
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Group gap={8} wrap="nowrap">
          <Shape grade={grade} size={13} />
          <Text size="sm" fw={600}>
            {robot.name}
          </Text>
        </Group>
        <Text size="xs" c="dimmed" className="tabular">
          {Math.round(robot.battery)} %
        </Text>
      </Group>
      <Text size="xs" c={robot.trouble ? undefined : "dimmed"} fw={robot.trouble ? 600 : 400} pl={21}>
        {sentenceOf(t, robot)}
      </Text>
    </UnstyledButton>
  );
}

function RobotCard({ robot, tasks, onClose }: { robot: Robot; tasks: Task[]; onClose: () => void }) {
  const { t } = useTranslation();
  const task = tasks.find((candidate) => candidate.robot === robot.name && candidate.ended_s === 0);
  const { way } = robot;
  const low = robot.trouble === "battery";
  const rows: [string, ReactNode][] = [
    [t("robots.work"), t(`work.${robot.work}`)],
    [t("robots.motion"), t(`motion.${robot.motion}`)],
    [t("robots.connection"), robot.lost ? t("connection.lost") : t("connection.normal")],
    [t("robots.task"), task ? task.task_id : t("robots.noTask")],
  ];
  if (way?.destination && way.travel !== "idle") rows.push([t("robots.destination"), way.destination]);
  if (way && way.eta_s !== null && way.travel === "moving") rows.push([t("robots.eta"), ageText(t, way.eta_s)]);
  rows.push([t("robots.position"), t("age.ago", { age: ageText(t, robot.ageS) })]);
  return (
    <Stack gap="xs" className={classes.card} aria-live="polite">
      <Group justify="space-between">
        <Title order={2} fz="lg">
          {robot.name}
        </Title>
        <CloseButton aria-label={t("robots.close")} onClick={onClose} />
      </Group>
      <Group gap={8} wrap="nowrap" align="flex-start">
        {robot.trouble && <Shape grade={SEVERE.has(robot.trouble) ? "high" : "medium"} />}
        <Text size="sm" fw={600}>
          {sentenceOf(t, robot)}
        </Text>
      </Group>
      <dl className={classes.facts}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Group gap="xs" wrap="nowrap">
        <Text size="xs" c="dimmed">
          {t("robots.battery")}
        </Text>
        <Progress
          aria-label={t("robots.battery")}
          value={robot.battery}
          color={low ? "var(--warn)" : "slate"}
          size="sm"
          flex={1}
        />
        <Text size="xs" className="tabular">
          {Math.round(robot.battery)} %
        </Text>
      </Group>
    </Stack>
  );
}

function BadDoors({ level }: { level: string }) {
  const { t } = useTranslation();
  const doors = useSummary()?.doors.filter((door) => door.level === level) ?? [];
  const bad = doors.filter((door) => door.mode === "offline" || door.age_s === null || door.age_s > 10);
  if (bad.length === 0) return null;
  return (
    <Section title={t("doors.title")}>
      {bad.map((door) => (
        <Group key={door.name} gap={8} wrap="nowrap">
          <Shape grade="medium" size={13} />
          <Text size="sm">{door.name}</Text>
          <Text size="xs" c="dimmed">
            {door.age_s === null ? t("age.never") : t("age.ago", { age: ageText(t, door.age_s) })}
          </Text>
        </Group>
      ))}
    </Section>
  );
}

