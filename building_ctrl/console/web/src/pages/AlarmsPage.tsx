import { Group, Stack, Table, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useSummary } from "../live/hooks";
import { ageText } from "../parts/age";
import { Shape } from "../parts/Shape";
import classes from "./pages.module.css";

/** Everything that is abnormal and that somebody has to know, the most urgent first. */
export function AlarmsPage() {
  const { t } = useTranslation();
  const summary = useSummary();
  const alarms = summary?.alarms ?? [];
  const nowS = summary?.now_s ?? 0;
  return (
    <Stack className={classes.page} gap="md">
      <Title order={2} fz="xl">
        {t("alarms.title")}
      </Title>
      {alarms.length === 0 ? (
        <div>
          <Text fw={600}>{t("alarms.none")}</Text>
          <Text c="dimmed">{t("alarms.noneText")}</Text>
        </div>
      ) : (
        <Table.ScrollContainer minWidth={640}>
          <Table verticalSpacing="sm" stickyHeader>
            <Table.Thead>
              <Table.Tr>
                {(["priority", "what", "source", "since", "detail"] as const).map((column) => (
                  <Table.Th key={column}>{t(`alarms.${column}`)}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {alarms.map((alarm) => (
                <Table.Tr key={`${alarm.process}/${alarm.alarm_id}`} bg={alarm.priority === "high" ? "var(--alarm-paper)" : undefined}>
                  <Table.Td>
                    <Group gap={8} wrap="nowrap">
                      <Shape grade={alarm.priority} />
                      <Text size="sm">{t(`priority.${alarm.priority}`)}</Text>
                    </Group>
                  </Table.Td>
                  <Table.Td fw={600}>{t(`alarmKind.${alarm.kind}`, alarm.kind.replaceAll("_", " "))}</Table.Td>
                  <Table.Td>{alarm.source}</Table.Td>
                  <Table.Td className="tabular">{t("age.ago", { age: ageText(t, nowS - alarm.raised_s) })}</Table.Td>
                  <Table.Td>{alarm.detail}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}
