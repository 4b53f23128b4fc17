// A small file of JSON that another process may read or that must survive a kill: whole or not there, never half.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { z } from "zod";

/** undefined where there is no such file. Throws, with the cure, if it is not what it should be. */
export async function readJsonFile<T extends z.ZodType>(path: string, type: T): Promise<z.output<T> | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return type.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(
      `${path} cannot be read. It was written by another version or by hand; move it away to start anew.`,
      {
        cause: error,
      },
    );
  }
}

export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.new`;
  await writeFile(beside, `${JSON.stringify(value, null, 2)}\n`);
  await rename(beside, path);
}
