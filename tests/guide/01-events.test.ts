// 1. Events
//
// Everything begins with what happens in a shop: a page is viewed, an order placed. An event is a plain object; on the wire it
// is Avro, with ten bytes in front that name its schema.
import { expect, test } from "vitest";
import { encodeEvent, EventDecoder, FINGERPRINTS } from "../../producers/contract/codec.ts";
import { recordKey } from "../../producers/contract/events.ts";
import { START, order, view } from "./shop.ts";

test("an event is encoded with the fingerprint of its schema, and comes back as it was", () => {
  const event = order("A-1");
  const bytes = encodeEvent(event);
  expect(bytes.subarray(0, 10).toString("hex")).toBe(`c301${FINGERPRINTS.order_placed}`);
  expect(new EventDecoder().decode(bytes)).toEqual({ ok: true, event });
});

test("money is an integer, in ten-thousandths of a unit: £84.50 is 845,000", () => {
  const [line] = order("A-1").lines;
  expect(line!.unit_price / 10_000).toBe(84.5);
});

test("all events of a session share a key, so they share a partition and an order", () => {
  const session = { session_id: "anna", session_started_at: START };
  expect(recordKey(view(session))).toBe(recordKey(order("A-1", session)));
  expect(recordKey(order("A-2", { session_id: null, session_started_at: null }))).toBe("A-2");
});

test("bytes that are no event are a value with a reason, never an exception", () => {
  expect(new EventDecoder().decode(Buffer.from("hello"))).toMatchObject({ ok: false, reason: "decode-marker" });
});
