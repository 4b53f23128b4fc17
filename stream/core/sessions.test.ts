// Live sessions against a map of plain objects: whatever comes, goes and comes back in the same slots.
import fc from "fast-check";
import { expect, test } from "vitest";
import { hash32 } from "./hash.ts";
import { People } from "./people.ts";
import { OrderRow, rowHash, SESSION_KINDS, type SessionKind } from "./session.ts";
import { Sessions, type Session, type Wanted } from "./sessions.ts";

const PROFILE = {
  store: "shop",
  channel: "email",
  campaign: "",
  country: "GB",
  region: "",
  device: "mobile",
  segment: "New",
  bot: false,
};

interface Plain {
  readonly kind: SessionKind;
  readonly id: string;
  readonly startedAt: number;
  readonly visitor: string;
  readonly customer: string;
  readonly seen: Map<number, number>;
  readonly orders: string[];
}

const wantedOf = ({ kind, id, startedAt }: Pick<Plain, "kind" | "id" | "startedAt">): Wanted => {
  const idBytes = Buffer.from(id);
  const hash = rowHash(hash32(idBytes, 0, idBytes.length), kind, startedAt);
  return { hash, kind, startedAt, idBytes, idAt: 0, idEnd: idBytes.length };
};

function plainOf(session: Session): Plain {
  const [hashes, offsets]: [number[], number[]] = [[], []];
  session.writeSeen(0, { i64: (value) => hashes.push(value) });
  session.writeSeen(1, { i64: (value) => offsets.push(value) });
  let written = "";
  session.writeId({
    range: (bytes, from, to) => void (written = bytes.toString("utf8", from, to)),
    string: (value) => void (written = value),
  });
  expect(written).toBe(session.id);
  const { kind, id, startedAt, people } = session;
  return {
    kind,
    id,
    startedAt,
    visitor: people.visitor,
    customer: people.customer,
    seen: new Map(hashes.map((hash, i) => [hash, offsets[i]!])),
    orders: [...(session.orders?.keys() ?? [])],
  };
}

// ids as short and as long as they come, on both sides of what fits into a row, and not all of them ASCII
const id = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.constantFrom("a".repeat(40), "a".repeat(41), "é".repeat(23), "é".repeat(24)),
);
const plain = fc.record({
  kind: fc.constantFrom(...SESSION_KINDS),
  id,
  startedAt: fc.constantFrom(1_700_000_000_000, 1_700_000_000_001),
  visitor: id,
  customer: id,
  events: fc.integer({ min: 0, max: 40 }),
  orders: fc.uniqueArray(fc.string({ maxLength: 4 }), { maxLength: 3 }),
});

test("a session is found with all that is known of it, until it is deleted, and its slot tells nothing of it to the next", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: fc.nat() }), { maxLength: 60 }),
      (steps) => {
        const sessions = new Sessions();
        const cut = sessions.cuts.of(PROFILE);
        const expected = new Map<string, Plain>();
        for (const step of steps) {
          const all = [...expected.entries()];
          if (typeof step === "number") {
            const victim = all[step % Math.max(1, all.length)];
            if (!victim) continue;
            sessions.delete(sessions.find(wantedOf(victim[1]))!.slot);
            expected.delete(victim[0]);
            continue;
          }
          const key = `${step.kind}|${step.startedAt}|${step.id}`;
          const wanted = wantedOf(step);
          expect(sessions.find(wanted) === null).toBe(!expected.has(key));
          if (expected.has(key)) continue;
          const seen = new Map<number, number>();
          const session = sessions.begin(wanted, cut, People.of(step.visitor, step.customer));
          for (let i = 0; i < step.events; i++) {
            expect(session.seenAt(i + 0.5)).toBe(-1);
            session.see(i + 0.5, 100 + i);
            seen.set(i + 0.5, 100 + i);
            if (i === 5) sessions.add(session); // some come before it is live, some after
          }
          if (step.events <= 5) sessions.add(session);
          for (const order of step.orders) session.addOrder(new OrderRow(order, step.startedAt));
          expected.set(key, { ...step, seen });
        }
        expect(sessions.size).toBe(expected.size);
        const live = [...sessions.slots()].map((slot) => plainOf(sessions.at(slot)));
        const keys = ({ kind, startedAt, id: name }: Plain): string => `${kind}|${startedAt}|${name}`;
        expect(live.map(keys).sort()).toEqual([...expected.keys()].sort());
        for (const [, { kind, id: name, startedAt, visitor, customer, seen, orders }] of expected) {
          const found = sessions.find(wantedOf({ kind, id: name, startedAt }))!;
          expect(plainOf(found)).toEqual({ kind, id: name, startedAt, visitor, customer, seen, orders });
          for (const order of found.orders?.values() ?? []) expect(order.slot).toBe(found.slot);
          for (const [hash, offset] of seen) expect(found.seenAt(hash)).toBe(offset);
        }
      },
    ),
    { numRuns: 300 },
  );
});
