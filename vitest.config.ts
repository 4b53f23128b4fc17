import { defineConfig } from "vitest/config";

const unit = [
  "{producers,stream,clickhouse,gateway,local,runtime}/**/*.test.ts",
  "ui/**/*.test.{ts,tsx}",
  "tests/*.test.ts",
];
const withStack = {
  globalSetup: "tests/support/stack.ts",
  testTimeout: 120_000,
  hookTimeout: 120_000,
  fileParallelism: false,
};

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    projects: [
      { extends: true, test: { name: "unit", include: unit, testTimeout: 30_000 } },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts", "tests/guide/**/*.test.ts"],
          ...withStack,
        },
      },
      { extends: true, test: { name: "e2e", include: ["tests/e2e/**/*.test.ts"], ...withStack } },
    ],
  },
});
