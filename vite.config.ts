import preset from "@preact/preset-vite";
import { defineConfig } from "vite";

const GATEWAY = "http://127.0.0.1:8080";

export default defineConfig({
  root: "ui",
  plugins: [preset()],
  build: { outDir: "../dist/ui", emptyOutDir: true, target: "es2022", assetsInlineLimit: 0 },
  server: {
    proxy: {
      "/api": GATEWAY,
      "/version": GATEWAY,
      "/socket.io": { target: GATEWAY, ws: true },
    },
  },
});
