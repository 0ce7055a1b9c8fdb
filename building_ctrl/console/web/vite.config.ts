import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const api = process.env["BUILDING_CTRL_API"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
  server: { proxy: { "/api": { target: api, ws: true } } },
});
