// The events' schemas as they are written today: schemas/*.avsc, one an event type.
import { readFileSync } from "node:fs";
import avro from "avsc";
import { EVENT_TYPES, type EventType } from "./events.ts";

export function loadSchema(type: EventType): avro.Schema {
  return JSON.parse(readFileSync(new URL(`./schemas/${type}.avsc`, import.meta.url), "utf8")) as avro.Schema;
}

export const CURRENT = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, avro.Type.forSchema(loadSchema(type))]),
) as Record<EventType, avro.Type>;
