import { Button, Group, Popover, SegmentedControl, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, reasonOf, type Task } from "../api/client";
import { useSummary } from "../live/hooks";
import { ageText } from "../parts/age";
import { Shape } from "../parts/Shape";
import { stageText } from "../parts/stage";
import { TaskForm } from "../parts/TaskForm";
import classes from "./pages.module.css";

type Filter = "open" | "ended" | "all";

/** All tasks, and the way to ask for a new one. */
export function TasksPage() {
  const { t } = useTranslation();
  const tasks = useSummary()?.tasks;
  const nowS = useSummary()?.now_s ?? 0;
  const [filter, setFilter] = useState<Filter>("open");
  const [asking, setAsking] = useState(false);
  const all = tasks?.tasks ?? [];
  const shown = all.filter((task) => filter === "all" || (task.ended_s === 0) === (filter === "open"));
  return (
    <Stack className={classes.page} gap="md">
      <Group justify="space-between">
        <Group gap="lg">
          <Title order={2} fz="xl">
            {t("tasks.title")}
          </Title>
          <SegmentedControl
            size="sm"
            aria-label={t("tasks.status")}
            value={filter}
            onChange={(value) => setFilter(value as Filter)}
            data={(["open", "ended", "all"] as const).map((value) => ({ value, label: t(`tasks.${value}`) }))}
          />
          {tasks && (
            <Text size="sm" c="dimmed" className="tabular">
              {t("tasks.totals", { completed: tasks.completed, failed: tasks.failed })}
            </Text>
          )}
        </Group>
        <Button onClick={() => setAsking(true)}>{t("tasks.new")}</Button>
      </Group>
      <Table.ScrollContainer minWidth={720}>
        <Table verticalSpacing="xs" highlightOnHover stickyHeader>
          <Table.Thead>
            <Table.Tr>
              {(["id", "route", "status", "robot", "age", "duration", "actions"] as const).map((column) => (
                <Table.Th key={column}>{t(`tasks.${column}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((task) => (
              <TaskRow key={task.task_id} task={task} nowS={nowS} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {shown.length === 0 && <Text c="dimmed">{t("tasks.none")}</Text>}
      <TaskForm opened={asking} onClose={() => setAsking(false)} />
    </Stack>
  );
}

function TaskRow({ task, nowS }: { task: Task; nowS: number }) {
  const { t } = useTranslation();
  const failed = task.status === "failed";
  const end = task.ended_s || nowS;
  const route =
    task.places.length > 4 ? `${task.places.slice(0, 3).join(" → ")} → … (${t("tasks.rounds", { count: task.places.length })})` : task.places.join(" → ");
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600}>
          {task.task_id}
        </Text>
        <Text size="xs" c="dimmed">
          {[t(`category.${task.category}`, task.category), ...(task.priority > 0 ? [t("form.priorityHigh")] : [])].join(" · ")}
        </Text>
      </Table.Td>
      <Table.Td>{route}</Table.Td>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          <Shape grade={failed ? "medium" : task.stage.kind === "stuck" ? "medium" : "ok"} size={13} />
          <div>
            <Text size="sm" fw={failed ? 650 : 400}>
              {t(`status.${task.status}`)}
            </Text>
            <Text size="xs" c="dimmed">
              {stageText(t, task.stage)}
            </Text>
          </div>
        </Group>
      </Table.Td>
      <Table.Td>{task.robot || "—"}</Table.Td>
      <Table.Td className="tabular">{t("age.ago", { age: ageText(t, nowS - task.submitted_s) })}</Table.Td>
      <Table.Td className="tabular">{task.started_s ? ageText(t, end - task.started_s) : "—"}</Table.Td>
      <Table.Td>{task.ended_s === 0 && <CancelButton task={task} />}</Table.Td>
    </Table.Tr>
  );
}

/** Two steps, and the refusal's reason where the dispatcher refuses. */
function CancelButton({ task }: { task: Task }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const cancel = useMutation({
    mutationFn: async () => {
      const { error } = await api.POST("/api/v1/tasks/{task_id}/cancel", { params: { path: { task_id: task.task_id } } });
      if (error) throw new Error(reasonOf(error));
    },
    onSuccess: () => setOpen(false),
  });
  return (
    <Popover opened={open} onChange={setOpen} withArrow trapFocus returnFocus position="left">
      <Popover.Target>
        <Button size="compact-sm" variant="default" onClick={() => setOpen(!open)}>
          {t("tasks.cancel")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown maw={300}>
        <Stack gap="sm">
          <Text size="sm">{t("tasks.cancelSure", { id: task.task_id })}</Text>
          {cancel.error && (
            <Group gap={8} wrap="nowrap" role="alert">
              <Shape grade="medium" />
              <Text size="sm">{t("form.refused", { reason: reasonOf(cancel.error) })}</Text>
            </Group>
          )}
          <Group gap="xs">
            <Button size="xs" loading={cancel.isPending} onClick={() => cancel.mutate()}>
              {t("tasks.cancelYes")}
            </Button>
            <Button size="xs" variant="default" onClick={() => setOpen(false)}>
              {t("tasks.keep")}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
