// npm start: on a fresh clone nothing is installed, so this first step is plain Node. It checks the version, installs the npm
// packages where they are missing or out of date, and hands over to start.ts.
import { spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { INSTALL, packagesInstalled } from "./packages.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Tidemark needs Node 20.19 or newer; this is ${process.version}.`);
  process.exit(1);
}

if (!packagesInstalled()) {
  console.log("installing npm packages (once, a minute or so)");
  const npm = spawnSync("npm", INSTALL, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  if (npm.status !== 0) {
    console.error("npm install failed; see above.");
    process.exit(1);
  }
}

const args = ["--import", "tsx", join(ROOT, "local/start.ts"), ...process.argv.slice(2)];
// The channel closes when this process ends, however it ends: start.ts then stops everything.
const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["inherit", "inherit", "inherit", "ipc"] });
// Ctrl-C reaches the child by itself; a SIGTERM to this process is passed on.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
