import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addIncident, incidentFileOf, incidentWatch, readIncidents, stopIncidents } from "./incident-file.ts";

let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "incidents-"));
  file = incidentFileOf(join(folder, "simulator.json"));
});
afterEach(() => rm(folder, { recursive: true }));

const NOW = 1_700_000_000_000;
const outage = { kind: "payment-outage", from: NOW, to: NOW + 600_000 } as const;
const broken = { kind: "checkout-broken", from: NOW, to: NOW + 300_000, channel: "email" } as const;

test("incidents lie beside the state of the simulation they belong to", () => {
  expect(file).toBe(join(folder, "simulator.incidents.json"));
});

test("there are none until one is added", async () => {
  expect(await readIncidents(file)).toEqual([]);
  await addIncident(file, outage, NOW);
  await addIncident(file, broken, NOW);
  expect(await readIncidents(file)).toEqual([outage, broken]);
});

test("those that are over for a month are forgotten", async () => {
  await addIncident(file, outage, NOW);
  await addIncident(file, { ...broken, from: NOW * 1.01, to: NOW * 1.01 + 1 }, NOW * 1.01);
  expect((await readIncidents(file)).map(({ kind }) => kind)).toEqual(["checkout-broken"]);
});

test("stopping ends those that are on, takes back those to come, and keeps those that are over", async () => {
  await addIncident(file, outage, NOW);
  await addIncident(file, broken, NOW);
  await addIncident(file, { kind: "silence", from: NOW + 900_000, to: NOW + 950_000 }, NOW);
  const stopped = await stopIncidents(file, NOW + 400_000);
  expect(stopped.map(({ kind }) => kind)).toEqual(["payment-outage", "silence"]);
  expect(await readIncidents(file)).toEqual([{ ...outage, to: NOW + 400_000 }, broken]);
});

test("a watch tells once that the file has changed", async () => {
  const changed = incidentWatch(file);
  expect(await changed()).toBe(false);
  await addIncident(file, outage, NOW);
  expect(await changed()).toBe(true);
  expect(await changed()).toBe(false);
});

test("a file that is not one says so, with the cure", async () => {
  await writeFile(file, "{");
  await expect(readIncidents(file)).rejects.toThrow(/simulator\.incidents\.json cannot be read.*move it away/s);
});
