// Schemas change while a topic lives: its records are of older and newer versions than ours, side by side, in either wire format.
// Folding them must give what folding the same events in our own version gives.
//
//   ours     event_id  occurred_at  store … campaign … segment … lines[ sku … quantity  unit_price ] discount …
//   older       ✓          ✓         ✓         –          –            ✓                               ✓      left out: the default
//   newer    + loyalty, and in each line + colour                                                             passed over
//   turned   the same fields, last first, unions the other way round
//   renamed                         shop   utm_campaign                       each_at                         found by their aliases
//   narrow                                                                                            int     promoted to long
import avro from "avsc";
import { expect, test } from "vitest";
import { encodeEvent, EventDecoder } from "../producers/contract/codec.ts";
import { EVENT_TYPES, type EventType, type ShopEvent } from "../producers/contract/events.ts";
import { fingerprint } from "../producers/contract/fingerprint.ts";
import { loadSchema } from "../producers/contract/schemas.ts";
import { beginFlush } from "../stream/core/flush-work.ts";
import { LogRecord } from "../stream/core/log-record.ts";
import { atStart, PartitionFold } from "../stream/core/partition-fold.ts";
import { MemoryRaw, MemoryStorage } from "./support/memory-storage.ts";
import { randomLog, randomOf } from "./support/random-log.ts";
import { framed } from "./support/registry.ts";

const CURRENCIES = new Map([
  ["a", "GBP"],
  ["b", "EUR"],
]);

type Type = string | Type[] | { type: string; items?: Schema };
interface Field {
  readonly name: string;
  readonly type: Type;
  readonly default?: unknown;
  readonly aliases?: string[];
}
interface Schema {
  readonly fields: Field[];
}
type Values = Record<string, unknown>;

/** How a version differs from ours: its schema, and what an event becomes that is written with it. */
interface Change {
  readonly schema: (ours: Schema) => Schema;
  readonly values: (ours: Values) => Values;
}

/** Applies a change to a record and, where it has them, to its lines. */
const deeply = ({ schema, values }: Change): Change => ({
  schema: (ours) => ({
    ...ours,
    fields: schema(ours).fields.map((field) => {
      const { type } = field;
      const items = typeof type === "object" && !Array.isArray(type) ? type.items : undefined;
      return items ? { ...field, type: { ...(type as object), items: schema(items) } as Type } : field;
    }),
  }),
  values: (ours) => {
    const { lines } = ours as { lines?: Values[] };
    return values(lines ? { ...ours, lines: lines.map((line) => values(line)) } : ours);
  },
});

const OPTIONAL = new Set(["visitor_id", "campaign", "region", "segment", "user_agent", "test"]);
const NEW_NAMES: Readonly<Record<string, string>> = {
  store: "shop",
  campaign: "utm_campaign",
  unit_price: "each_at",
  placed_at: "ordered_at",
};
const AMOUNTS = new Set(["discount", "tax", "shipping"]);
const added = (name: string): Field => ({ name, type: ["null", "string"], default: null });
const without = (values: Values, names: ReadonlySet<string>): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name)));

const CHANGES = {
  older: {
    schema: (ours) => ({ ...ours, fields: ours.fields.filter(({ name }) => !OPTIONAL.has(name)) }),
    values: (ours) => without(ours, OPTIONAL),
  },
  newer: deeply({
    schema: (ours) => ({
      ...ours,
      fields: [added("loyalty"), ...ours.fields, { name: "colour", type: "string", default: "" }],
    }),
    values: (ours) => ({ ...ours, loyalty: "gold", colour: "blue" }),
  }),
  turned: deeply({
    schema: (ours) => ({
      ...ours,
      fields: ours.fields.toReversed().map(({ name, type }) => ({
        name,
        type: Array.isArray(type) ? type.toReversed() : type,
      })),
    }),
    values: (ours) => ours,
  }),
  renamed: deeply({
    schema: (ours) => ({
      ...ours,
      fields: ours.fields.map((field) => {
        const name = NEW_NAMES[field.name];
        return name === undefined ? field : { ...field, name, aliases: ["an_older_name", field.name] };
      }),
    }),
    values: (ours) => Object.fromEntries(Object.entries(ours).map(([name, value]) => [NEW_NAMES[name] ?? name, value])),
  }),
  narrow: {
    schema: (ours) => ({
      ...ours,
      fields: ours.fields.map((field) => (AMOUNTS.has(field.name) ? { ...field, type: "int" } : field)),
    }),
    values: (ours) => ours,
  },
} satisfies Record<string, Change>;
const VERSIONS = Object.keys(CHANGES) as (keyof typeof CHANGES)[];

const decoder = new EventDecoder({ registry: true });
const writers = new Map(
  EVENT_TYPES.flatMap((type) =>
    VERSIONS.map((version, index) => {
      const schema = CHANGES[version].schema(loadSchema(type) as unknown as Schema) as unknown as avro.Schema;
      const id = 100 * EVENT_TYPES.indexOf(type) + index;
      decoder.register(schema);
      decoder.learn(id, JSON.stringify(schema));
      return [`${type} ${version}`, { id, writer: avro.Type.forSchema(schema) }] as const;
    }),
  ),
);

/** Bytes of an event as somebody writes it who has that version of its schema. */
function encodeAs(version: keyof typeof CHANGES, event: ShopEvent, confluent: boolean): Buffer {
  const { id, writer } = writers.get(`${event.type} ${version}`)!;
  const body = writer.toBuffer(CHANGES[version].values(event as unknown as Values));
  return confluent ? framed(id, body) : Buffer.concat([Buffer.from(`c301${fingerprint(writer)}`, "hex"), body]);
}

/** An older writer did not have what it leaves out: only events without it are its own. */
const canWrite = (version: keyof typeof CHANGES, event: ShopEvent): boolean =>
  version !== "older" || [...OPTIONAL].every((name) => !(event as unknown as Values)[name]);

/** The rows that a fold of the whole log leaves behind, each as a line. */
function folded(log: readonly LogRecord[]): string[] {
  const storage = new MemoryStorage(() => 0.5);
  storage.faults = false;
  const fold = new PartitionFold({ decoder, currencies: CURRENCIES }, atStart(0), new MemoryRaw());
  for (const record of log)
    for (let needs = fold.foldRecord(record); needs !== null; needs = fold.foldRecord(record))
      fold.supply(needs, storage.lookUp(needs)!);
  const work = beginFlush(fold)!;
  for (const rows of [
    storage.sessionRows(work),
    storage.orderRows(work),
    storage.paneRows(work),
    storage.rawRows(work),
  ])
    storage.insert(rows);
  const { watermark, counters, late } = fold.standing;
  const { sessions, orders, panes, raw } = storage;
  const rows = Object.entries({ sessions, orders, panes, raw }).flatMap(([table, keyed]) =>
    [...(keyed as Map<unknown, unknown>)].map(([key, row]) => `${table} ${String(key)} ${JSON.stringify(row)}`),
  );
  return [JSON.stringify({ watermark, counters, late }), ...rows];
}

function rewritten(log: readonly LogRecord[], write: (event: ShopEvent, own: Buffer) => Buffer): LogRecord[] {
  return log.map(({ offset, timestamp, value }) => {
    const decoded = decoder.decode(value);
    return LogRecord.of(offset, timestamp, null, decoded.ok ? write(decoded.event, value!) : value);
  });
}

test.each(VERSIONS)(
  "a topic written in the %s version gives the same panes, sessions and orders as in ours",
  (version) => {
    for (let seed = 1; seed <= 12; seed++) {
      const log = randomLog(randomOf(seed), 150);
      let written = 0;
      const other = rewritten(log, (event, own) => {
        if (!canWrite(version, event)) return own;
        written++;
        return encodeAs(version, event, seed % 2 === 0);
      });
      expect(folded(other), `seed ${seed}`).toEqual(folded(log));
      expect(written).toBeGreaterThan(20);
    }
  },
);

test("all versions mixed in one topic, in both wire formats, do so too", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomOf(seed);
    const log = randomLog(random, 150);
    const mixed = rewritten(log, (event, own) => {
      const version = [...VERSIONS, null][Math.floor(random() * (VERSIONS.length + 1))] ?? null;
      return version === null || !canWrite(version, event) ? own : encodeAs(version, event, random() < 0.5);
    });
    expect(folded(mixed), `seed ${seed}`).toEqual(folded(log));
  }
});

test("every version of every event says the same as ours, field by field", () => {
  const seen = new Set<EventType>();
  for (const { value } of randomLog(randomOf(7), 1000)) {
    const decoded = decoder.decode(value);
    if (!decoded.ok) continue;
    seen.add(decoded.event.type);
    for (const version of VERSIONS.filter((one) => canWrite(one, decoded.event)))
      for (const confluent of [false, true])
        expect(decoder.decode(encodeAs(version, decoded.event, confluent)), version).toEqual(decoded);
    expect(encodeEvent(decoded.event)).toEqual(value);
  }
  expect(seen.size).toBeGreaterThan(10);
});
