// The body of a POST /collect, as far as it can be read without looking into its events.
import { z } from "zod";
import { MAX_BODY_EVENTS, type CollectBody } from "../../contract/collect.ts";
import { described } from "./described.ts";

export type ReadBody = { ok: true; body: Required<CollectBody> } | { ok: false; detail: string };

const shape = z.object({
  events: z.array(z.unknown()).min(1).max(MAX_BODY_EVENTS),
  lost: z.int().min(0).max(1_000_000).default(0),
});

export function readBody(text: string): ReadBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, detail: `The body is not JSON: ${(error as Error).message}` };
  }
  const parsed = shape.safeParse(value);
  return parsed.success ? { ok: true, body: parsed.data } : { ok: false, detail: described(parsed.error) };
}
