import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, test, expect, vi } from "vitest";
import { isAlive } from "../runtime/local-run.ts";
import { ROOT } from "./paths.ts";

test("a child ends even where its parent is killed outright", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-guard-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const program = `
    const { startChild } = await import("./local/child.ts");
    const args = ["-e", "setInterval(() => {}, 1000)"];
    console.log(startChild({ name: "child", command: process.execPath, args, log: ${JSON.stringify(join(folder, "log"))} }).pid);`;
  const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], { cwd: ROOT });
  const pid = await new Promise<number>((resolve) => {
    parent.stdout.once("data", (chunk: Buffer) => resolve(Number(chunk.toString())));
  });
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  await vi.waitUntil(() => !isAlive(pid), 10_000);
});
