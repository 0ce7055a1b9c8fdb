import { AppShell, Box, Group, Indicator, SegmentedControl, Text, Title, UnstyledButton, useComputedColorScheme, useMantineColorScheme, VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Navigate, NavLink, Route, Routes } from "react-router";

import classes from "./app.module.css";
import { chooseLanguage, LANGUAGES, type Language } from "./i18n";
import { useBuilding, useSummary } from "./live/hooks";
import { AlarmsPage } from "./pages/AlarmsPage";
import { PlanPage } from "./pages/PlanPage";
import { TasksPage } from "./pages/TasksPage";
import { LiveMark, StaleBanner, useFreshness } from "./parts/Freshness";

export function App() {
  const { stale, texts } = useFreshness();
  return (
    <AppShell header={{ height: 52 }} padding={0}>
      <AppShell.Header>
        <Header stale={stale} />
      </AppShell.Header>
      <AppShell.Main className={classes.main}>
        <StaleBanner texts={texts} />
        <Box className={classes.page}>
          <Routes>
            <Route path="/" element={<Navigate to="/plan" replace />} />
            <Route path="/plan/:level?" element={<PlanPage stale={stale} />} />
            <Route path="/tasks" element={<TasksPage />} />
            <Route path="/alarms" element={<AlarmsPage />} />
            <Route path="*" element={<Navigate to="/plan" replace />} />
          </Routes>
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}

function Header({ stale }: { stale: boolean }) {
  const { t } = useTranslation();
  const building = useBuilding();
  const summary = useSummary();
  const alarms = summary?.alarms.length ?? 0;
  const pages = [
    { to: "/plan", text: t("nav.plan"), count: 0 },
    { to: "/tasks", text: t("nav.tasks"), count: 0 },
    { to: "/alarms", text: t("nav.alarms"), count: alarms },
  ];
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="md">
      <Group gap="lg" wrap="nowrap" h="100%">
        <Title order={1} fz="md" className={classes.title}>
          {building?.name || t("app.title")}
        </Title>
        <Group component="nav" aria-label={t("app.menu")} gap={4} wrap="nowrap" h="100%">
          {pages.map(({ to, text, count }) => (
            <NavLink key={to} to={to} className={classes.link ?? ""}>
              <Indicator disabled={count === 0} label={count} size={16} color="var(--alarm)" offset={-4} styles={{ indicator: { color: "var(--plan-paper)", fontWeight: 700 } }}>
                {text}
                {count > 0 && <VisuallyHidden> ({t("alarms.count", { count })})</VisuallyHidden>}
              </Indicator>
            </NavLink>
          ))}
        </Group>
      </Group>
      <Group gap="md" wrap="nowrap">
        <LiveMark stale={stale} />
        <Box visibleFrom="sm">
          <ThemeButton />
        </Box>
        <LanguageSwitch />
      </Group>
    </Group>
  );
}

function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      aria-label={t("app.language")}
      value={i18n.language}
      onChange={(value) => chooseLanguage(value as Language)}
      data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
    />
  );
}

function ThemeButton() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  return (
    <UnstyledButton
      className={classes.theme}
      aria-label={t("app.theme")}
      aria-pressed={dark}
      onClick={() => setColorScheme(dark ? "light" : "dark")}
    >
      <Text size="lg" lh={1} aria-hidden>
        {dark ? "☾" : "☀\uFE0E"}
      </Text>
    </UnstyledButton>
  );
}
