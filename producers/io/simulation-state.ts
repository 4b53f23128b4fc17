// How far a simulation has come, so that a restart goes on from there.
import { z } from "zod";
import { readJsonFile, writeJsonFile } from "./json-file.ts";

const stateSchema = z.strictObject({
  seed: z.number().int(),
  store: z.string(),
  sessionsPerDay: z.number(),
  /** Ms UTC: everything that arrives before this is acknowledged. */
  arrivedBefore: z.number().int(),
});

export type SimulationState = z.output<typeof stateSchema>;

export function readState(path: string): Promise<SimulationState | undefined> {
  return readJsonFile(path, stateSchema);
}

export function writeState(path: string, state: SimulationState): Promise<void> {
  return writeJsonFile(path, state);
}
