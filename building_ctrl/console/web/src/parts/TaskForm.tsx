import { Button, Group, Modal, MultiSelect, NumberInput, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, reasonOf, type NewTask } from "../api/client";
import { useBuilding } from "../live/hooks";
import { Shape } from "./Shape";

type Kind = "delivery" | "patrol";

/** Asks for a task: requested, then accepted with its name or refused with the reason. */
export function TaskForm({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={t("form.title")} size="md">
      <Form onClose={onClose} />
    </Modal>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const places = usePlaces();
  const [kind, setKind] = useState<Kind>("delivery");
  const [from, setFrom] = useState<string | null>(null);
  const [to, setTo] = useState<string | null>(null);
  const [stops, setStops] = useState<string[]>([]);
  const [rounds, setRounds] = useState(1);
  const [dwellS, setDwellS] = useState(5);
  const [priority, setPriority] = useState("0");
  const [tried, setTried] = useState(false);
  const key = useRef(crypto.randomUUID?.() ?? String(Math.random()));
  const ask = useMutation({
    mutationFn: async (body: NewTask) => {
      const { data, error } = await api.POST("/api/v1/tasks", {
        body,
        params: { header: { "Idempotency-Key": key.current } },
      });
      if (!data) throw new Error(reasonOf(error));
      return data;
    },
    onSettled: () => {
      key.current = crypto.randomUUID?.() ?? String(Math.random());
    },
  });

  const problem = problemOf(kind, from, to, stops);
  const send = () => {
    setTried(true);
    if (problem) return;
    const common = { dwell_s: dwellS, priority: Number(priority), fleet: "", robot: "" };
    ask.mutate(
      kind === "delivery"
        ? { category: "delivery", from_place: from ?? "", to_place: to ?? "", ...common }
        : { category: "patrol", places: stops, rounds, ...common },
    );
  };

  if (ask.data) {
    return (
      <Stack>
        <Group gap="xs" role="status">
          <Shape grade="ok" />
          <Text>{t("form.accepted", { id: ask.data.task_id })}</Text>
        </Group>
        <Group justify="flex-end">
          <Button
            variant="default"
            onClick={() => {
              ask.reset();
              setTried(false);
            }}
          >
            {t("form.another")}
          </Button>
          <Button onClick={onClose}>{t("form.done")}</Button>
        </Group>
      </Stack>
    );
  }
  const select = { data: places, searchable: true, placeholder: t("form.pick"), nothingFoundMessage: t("form.nothing"), limit: 200 };
  return (
    <Stack gap="md">
      <SegmentedControl
        fullWidth
        aria-label={t("form.title")}
        value={kind}
        onChange={(value) => setKind(value as Kind)}
        data={(["delivery", "patrol"] as const).map((value) => ({ value, label: t(`form.${value}`) }))}
      />
      {kind === "delivery" ? (
        <>
          <Select {...select} label={t("form.from")} value={from} onChange={setFrom} error={tried && !from && t("form.missing")} data-autofocus />
          <Select
            {...select}
            label={t("form.to")}
            value={to}
            onChange={setTo}
            error={tried && (problem === "same" ? t("form.same") : !to && t("form.missing"))}
          />
        </>
      ) : (
        <>
          <MultiSelect
            {...select}
            label={t("form.places")}
            value={stops}
            onChange={setStops}
            error={tried && stops.length === 0 && t("form.missing")}
          />
          <NumberInput label={t("form.rounds")} value={rounds} onChange={(value) => setRounds(Number(value) || 1)} min={1} max={100} allowDecimal={false} />
        </>
      )}
      <Group grow align="flex-start">
        <NumberInput label={t("form.dwell")} value={dwellS} onChange={(value) => setDwellS(Number(value) || 0)} min={0} max={3600} />
        <Select
          label={t("form.priority")}
          value={priority}
          onChange={(value) => setPriority(value ?? "0")}
          allowDeselect={false}
          data={[
            { value: "0", label: t("form.priorityNormal") },
            { value: "1", label: t("form.priorityHigh") },
          ]}
        />
      </Group>
      {ask.isPending && (
        <Text size="sm" role="status">
          {t("form.requested")}
        </Text>
      )}
      {ask.error && (
        <Group gap="xs" wrap="nowrap" role="alert">
          <Shape grade="medium" />
          <Text size="sm">{t("form.refused", { reason: reasonOf(ask.error) })}</Text>
        </Group>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t("form.done")}
        </Button>
        <Button onClick={send} loading={ask.isPending}>
          {t("form.send")}
        </Button>
      </Group>
    </Stack>
  );
}

function problemOf(kind: Kind, from: string | null, to: string | null, stops: string[]): "missing" | "same" | undefined {
  if (kind === "patrol") return stops.length ? undefined : "missing";
  if (!from || !to) return "missing";
  return from === to ? "same" : undefined;
}

/** Places by level, the lowest first. */
function usePlaces() {
  const building = useBuilding();
  return useMemo(
    () =>
      building?.levels.map((level) => ({
        group: level.name,
        items: level.places.map((place) => ({ value: place.label, label: place.label })),
      })) ?? [],
    [building],
  );
}
