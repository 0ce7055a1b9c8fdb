import "@mantine/core/styles.css";
import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "./styles.css";

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";

import { App } from "./App";
import { startI18n } from "./i18n";
import { LiveFeed } from "./live/feed";
import { FeedContext } from "./live/hooks";
import { theme } from "./theme";

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const feed = new LiveFeed(`${scheme}//${location.host}/api/v1/live`);
const queries = new QueryClient();
const root = document.getElementById("root");

await startI18n();
feed.start();
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <QueryClientProvider client={queries}>
          <FeedContext value={feed}>
            <BrowserRouter>
              <App />
            </BrowserRouter>
          </FeedContext>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
