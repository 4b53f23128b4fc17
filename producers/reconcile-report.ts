// What reconcile shows a person: the orders under each doubled id, and the sessions that lie in two partitions.
import Table from "cli-table3";
import { sum, type DoubledOrder, type PlannedOrder, type Role } from "./core/reconcile/plan.ts";
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

/** `home`: the source whose log can be written to. */
export function ordersTable(doubled: readonly DoubledOrder[], home: string): string {
  const head = [
    "order id",
    "store",
    "session",
    "began (UTC)",
    "partition : offset",
    "placed (UTC)",
    "worth",
    "taken off",
  ];
  const table = new Table({ head: [...head, "so it"], ...STYLE });
  for (const { orders } of doubled)
    for (const [index, planned] of orders.entries()) {
      const { order } = planned;
      const where = order.source === home ? "" : `${order.source} `;
      table.push([
        index === 0 ? order.orderId : "",
        index === 0 ? order.store : "",
        order.kind === "session" ? order.sessionId : "none",
        time(order.startedAt),
        right(`${where}${order.partition} : ${order.placedOffset}`),
        time(order.placedAt),
        right(money(sum(order.worth), order.currency)),
        right(sum(order.taken) === 0 ? "" : money(sum(order.taken), order.currency)),
        WORDS[planned.role](planned, home),
      ]);
    }
  return table.toString();
}

const WORDS: Readonly<Record<Role, (planned: PlannedOrder, home: string) => string>> = {
  stands: () => "stands",
  settled: () => "is settled",
  surplus: ({ order, left }, home) =>
    `is surplus: ${money(sum(left), order.currency)}${order.source === home ? "" : `, in source ${order.source}`}`,
};

export function sessionsText(split: readonly SplitSession[]): string {
  const table = new Table({ head: ["session", "began (UTC)", "source", "partitions"], ...STYLE });
  for (const { sessionId, startedAt, source, partitions } of split)
    table.push([sessionId, time(startedAt), source, partitions.join(", ")]);
  const found = split[0]!.found;
  return [
    `${plural(found, "session lies", "sessions lie")} in two partitions${found > split.length ? `; the first ${split.length}` : ""}:`,
    table.toString(),
    "Each counts once a partition, and no event can take that back. Some producer does not partition by murmur2 of the session",
    "id (librdkafka: partitioner=murmur2_random): mend it there. Orders that count twice by it are listed above.",
  ].join("\n");
}
