// What reconcile shows a person: the orders under each doubled id, and the sessions that lie in two partitions.
import Table from "cli-table3";
import { sum, type DoubledOrder, type PlannedOrder, type Role, type StoredOrder } from "./core/reconcile/plan.ts";
import type { SplitSession } from "./io/stored-orders.ts";

const STYLE = { style: { head: [], border: [] } };
const right = (content: string) => ({ content, hAlign: "right" as const });

/** 2026-11-17 14:05:02 */
export const time = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace("T", " ");

/** Ten-thousandths, every digit that there is: GBP 1,084.50. */
export const money = (amount: number, currency: string): string =>
  `${currency} ${(amount / 10_000).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`;

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** One row an order id, one line in it an order. `home`: the source whose log can be written to. */
export function ordersTable(doubled: readonly DoubledOrder[], home: string): string {
  const head = ["order id", "store", "session", "partition : offset", "placed (UTC)", "worth", "taken off", "so it"];
  const table = new Table({ head, ...STYLE });
  for (const { orderId, store, orders } of doubled) {
    const lines = (of: (order: StoredOrder) => string): string => orders.map(({ order }) => of(order)).join("\n");
    table.push([
      orderId,
      store,
      lines(({ kind, sessionId }) => (kind === "session" ? sessionId : "none")),
      right(lines((order) => `${elsewhere(order, home)}${order.partition} : ${order.placedOffset}`)),
      lines(({ placedAt }) => time(placedAt)),
      right(lines(({ worth, currency }) => money(sum(worth), currency))),
      right(lines(({ taken, currency }) => (sum(taken) === 0 ? "" : money(sum(taken), currency)))),
      orders.map((planned) => WORDS[planned.role](planned)).join("\n"),
    ]);
  }
  return table.toString();
}

const elsewhere = ({ source }: StoredOrder, home: string): string => (source === home ? "" : `${source} `);

const WORDS: Readonly<Record<Role, (planned: PlannedOrder) => string>> = {
  stands: () => "stands",
  settled: () => "is settled",
  surplus: ({ order, left }) => `is surplus: ${money(sum(left), order.currency)}`,
};

export function sessionsText(split: readonly SplitSession[]): string {
  const table = new Table({ head: ["session", "began (UTC)", "source", "partitions"], ...STYLE });
  for (const { sessionId, startedAt, source, partitions } of split)
    table.push([sessionId, time(startedAt), source, partitions.join(", ")]);
  const found = split[0]!.found;
  const first = found > split.length ? `; the first ${split.length} are` : "";
  return [
    `${plural(found, "session of the last day lies", "sessions of the last day lie")} in two partitions${first}:`,
    table.toString(),
    "Each counts once a partition, and no event can take that back. Some producer does not partition by murmur2 of the session",
    "id (librdkafka: partitioner=murmur2_random): mend it there. Orders that count twice by it are listed above.",
  ].join("\n");
}
