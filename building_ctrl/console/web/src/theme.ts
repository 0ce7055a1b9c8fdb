import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** A quiet grey-blue: the console is grey until something is abnormal. */
const slate: MantineColorsTuple = [
  "#f2f5f8",
  "#e3e8ee",
  "#c6d0da",
  "#a6b5c4",
  "#8b9eb1",
  "#7a90a6",
  "#5f7890",
  "#4f667c",
  "#435a6f",
  "#334859",
];

export const theme = createTheme({
  colors: { slate },
  primaryColor: "slate",
  primaryShade: { light: 8, dark: 6 },
  fontFamily: "'Pretendard Variable', system-ui, sans-serif",
  headings: { fontFamily: "'Pretendard Variable', system-ui, sans-serif", fontWeight: "650" },
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
});
