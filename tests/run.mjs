// npm test: installs what is missing, checks the code, and runs every test. Plain Node, because on a fresh clone nothing is
// installed. The last line is "N passed, N failed, N skipped"; the exit code says the same.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { INSTALL, packagesInstalled } from "../local/packages.mjs";
import { ensureChromium } from "./support/chromium.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(ROOT, "node_modules/.bin", name);
const started = Date.now();
let child = null;
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => {
    if (!child) process.exit(130);
    child.on("exit", () => process.exit(130)); // what runs cleans up; nothing is started after it
    child.kill(signal);
  });

function say(text) {
  console.log(`\n── ${text} (${Math.round((Date.now() - started) / 1000)} s)`);
}

function run(command, args) {
  return new Promise((resolve) => {
    child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

const counts = { passed: 0, failed: 0, skipped: 0 };

/** A static check counts as one test. */
async function check(what, command, args) {
  say(what);
  const code = await run(command, args);
  counts[code === 0 ? "passed" : "failed"]++;
}

async function tests(project) {
  say(`${project} tests`);
  const folder = mkdtempSync(join(tmpdir(), "tidemark-report-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await run(bin("vitest"), ["run", "--project", project, ...reporters]);
  const before = counts.failed;
  if (existsSync(report)) {
    const result = JSON.parse(readFileSync(report, "utf8"));
    counts.passed += result.numPassedTests;
    counts.failed += result.numFailedTests;
    counts.skipped += result.numPendingTests + result.numTodoTests;
  }
  if (code !== 0 && counts.failed === before) counts.failed++;
  rmSync(folder, { recursive: true, force: true });
}

if (!packagesInstalled()) {
  say("installing npm packages");
  if ((await run("npm", INSTALL)) !== 0) process.exit(1);
}
try {
  ensureChromium(execFileSync);
} catch (error) {
  console.error(error.message);
  counts.failed++;
}
await check("format", bin("oxfmt"), ["--check"]);
await check("lint", bin("oxlint"), ["--type-aware"]);
await check("types", bin("tsc"), []);
await check("dead code", bin("knip"), []);
await check("building the ui", bin("vite"), ["build", "--logLevel", "warn"]);
await check("building the snippet", bin("vite"), ["build", "-c", "vite.web.config.ts", "--logLevel", "warn"]);
await tests("unit");
await tests("integration");
await tests("e2e");
say("done");
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
