import { defineConfig } from "vite";

/** The snippet for shops' pages: one small script without modules. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist/web",
    target: "es2022",
    modulePreload: false,
    rolldownOptions: {
      input: "producers/web/main.ts",
      output: { format: "iife", entryFileNames: "tidemark.js" },
    },
  },
});
