// Each event type as it may come from outside. What passes fits its Avro schema and the stream's screen; both are tested.
import { z } from "zod";
import type { Collected, CollectedType } from "../../contract/collect.ts";
import { CURRENCY, EARLIEST, GREATEST_AMOUNT, LATEST } from "../../contract/usable.ts";

const text = (most: number): z.ZodString => z.string().max(most);
/** What may be left out is null. */
const maybe = <T extends z.ZodType>(type: T) => z.nullable(type).default(() => null);

const id = text(200).min(1);
const word = text(80);
const url = text(2000);
const time = z.int().min(EARLIEST).max(LATEST);
const amount = z.int().min(0).max(GREATEST_AMOUNT);
const currency = z.string().regex(CURRENCY, "must be an ISO 4217 code");

const common = {
  event_id: id,
  occurred_at: time,
  store: id,
  visitor_id: maybe(id),
  customer_id: maybe(id),
  channel: word.default("unknown"),
  campaign: maybe(text(200)),
  country: word.default(""),
  region: maybe(word),
  device: word.default("unknown"),
  segment: maybe(word),
  test: z.boolean().default(false),
};

/** Without a session, most events cannot be told from a repeat. */
const inSession = { ...common, session_id: id, session_started_at: time };
const category = maybe(word);

const line = z.object({
  sku: id,
  name: text(300),
  category,
  quantity: z.int32().positive(),
  unit_price: amount,
});

const order = z
  .object({
    type: z.literal("order_placed"),
    ...common,
    session_id: maybe(id),
    session_started_at: maybe(time),
    order_id: id,
    placed_at: time,
    currency,
    lines: z.array(line).max(500),
    discount: amount,
    tax: amount,
    shipping: amount,
  })
  .superRefine(({ session_id, session_started_at, lines, discount }, context) => {
    const wrong = (message: string, path: string): void => context.addIssue({ code: "custom", message, path: [path] });
    if ((session_id === null) !== (session_started_at === null))
      wrong("session_id and session_started_at come together or not at all", "session_id");
    const goods = lines.reduce((sum, { unit_price, quantity }) => sum + unit_price * quantity, 0);
    if (goods > GREATEST_AMOUNT) wrong(`come to more than ${GREATEST_AMOUNT / 10_000}`, "lines");
    if (discount > goods) wrong("is more than the goods", "discount");
  });

export const SHAPES = {
  session_started: z.object({ type: z.literal("session_started"), ...inSession, referrer: maybe(url) }),
  page_viewed: z.object({ type: z.literal("page_viewed"), ...inSession, page: url }),
  product_viewed: z.object({ type: z.literal("product_viewed"), ...inSession, sku: id, category }),
  cart_changed: z.object({ type: z.literal("cart_changed"), ...inSession, sku: id, category, quantity: z.int32() }),
  checkout_started: z.object({ type: z.literal("checkout_started"), ...inSession, cart_value: amount, currency }),
  payment_failed: z.object({
    type: z.literal("payment_failed"),
    ...inSession,
    order_id: maybe(id),
    amount,
    currency,
    reason: maybe(text(300)),
  }),
  order_placed: order,
} satisfies { readonly [T in CollectedType]: z.ZodType<Collected<T>> };
