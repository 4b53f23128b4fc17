// The incidents of a simulation: a file beside its state. A command writes it, the running simulator looks at it every second.
import { stat } from "node:fs/promises";
import { z } from "zod";
import { INCIDENTS, type Incident, type IncidentKind } from "../core/simulator/incidents.ts";
import { readJsonFile, writeJsonFile } from "./json-file.ts";

const KINDS = Object.keys(INCIDENTS) as [IncidentKind, ...IncidentKind[]];

const fileSchema = z.array(
  z.strictObject({
    kind: z.enum(KINDS),
    from: z.number().int(),
    to: z.number().int(),
    channel: z.string().optional(),
  }),
);

/** Later, no order can be refunded on account of it; ms. */
const KEPT_MS = 30 * 24 * 3600_000;

/** "simulator.json" → "simulator.incidents.json". */
export function incidentFileOf(stateFile: string): string {
  return stateFile.replace(/(\.json)?$/, ".incidents.json");
}

export async function readIncidents(path: string): Promise<readonly Incident[]> {
  return (await readJsonFile(path, fileSchema)) ?? [];
}

/** Adds one and forgets those that are long over. */
export async function addIncident(path: string, incident: Incident, now: number): Promise<void> {
  const kept = (await readIncidents(path)).filter(({ to }) => to > now - KEPT_MS);
  await writeJsonFile(path, [...kept, incident]);
}

/** Ends those that are on at `at`; returns them. What would start later is taken back. */
export async function stopIncidents(path: string, at: number): Promise<readonly Incident[]> {
  const all = await readIncidents(path);
  const going = all.filter((incident) => incident.to > at);
  await writeJsonFile(
    path,
    all.filter((incident) => incident.from < at).map((incident) => ({ ...incident, to: Math.min(incident.to, at) })),
  );
  return going;
}

/** Tells whether the file has changed since it was asked last; the first time, whether it is there. */
export function incidentWatch(path: string): () => Promise<boolean> {
  let last = 0;
  return async () => {
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    const differs = changed !== last;
    last = changed;
    return differs;
  };
}
