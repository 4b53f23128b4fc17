// How much of a file has been replayed, so that a killed run goes on and a second one is told from a first.
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { z } from "zod";
import { readJsonFile, writeJsonFile } from "./json-file.ts";

const checkpointSchema = z.strictObject({
  /** What was replayed: the file, the mapping, the store. */
  identity: z.string(),
  /** The Kafka cluster that has the events. */
  cluster: z.string(),
  /** So many events, from the first one on, are acknowledged. */
  events: z.number().int(),
  complete: z.boolean(),
});

export type Checkpoint = z.output<typeof checkpointSchema>;

const HEAD_BYTES = 1024 * 1024;

export function readCheckpoint(path: string): Promise<Checkpoint | undefined> {
  return readJsonFile(path, checkpointSchema);
}

export function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  return writeJsonFile(path, checkpoint);
}

/** A file is known by its size and its first MB; `as` is whatever else decides what its events are. */
export async function identityOf(path: string, as: unknown): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return createHash("sha256")
      .update(`${size} ${JSON.stringify(as)}\n`)
      .update(buffer.subarray(0, bytesRead))
      .digest("hex");
  } finally {
    await file.close();
  }
}
