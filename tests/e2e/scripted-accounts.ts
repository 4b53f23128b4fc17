// What the scripted gateway knows of records and of months.
import { noCounters } from "../../stream/contract/accounting.ts";
import type { MonthRow, Status } from "../../gateway/contract/status.ts";
import { pounds } from "./scripted-figures.ts";

const MINUTE = 60_000;

/** Eight partitions that balance; one of them lags. */
export function accounts(now: number): Status {
  const partitions = Array.from({ length: 8 }, (_, partition) => {
    const counted = 148_000 + partition * 517;
    const counters = { ...noCounters(), counted, duplicate: 311 + partition, "filtered-bot": 1800, "dead-letter": 2 };
    const consumed = counted + 311 + partition + 1800 + 2;
    const behind = partition === 5;
    return {
      source: "shop.events",
      partition,
      worker: `worker-${partition % 2}`,
      counters,
      consumed,
      parked: 0,
      position: consumed,
      storedPosition: consumed - 40,
      logEnd: consumed + (behind ? 2140 : 0),
      lag: behind ? 2140 : 0,
      lagSeconds: behind ? 7.4 : 0,
      watermark: now - 11_000,
      state: behind ? ("behind" as const) : ("live" as const),
      heardAt: now - 300,
      late: 12 + partition,
    };
  });
  const letter = { source: "shop.events", appendedAt: now - 5 * MINUTE, type: "order_placed" };
  return {
    serverNow: now,
    build: "scripted",
    partitions,
    deadLetters: {
      byReason: { "price-negative": 9, future: 4, undecodable: 3 },
      newest: [
        { ...letter, partition: 3, offset: 149_001, reason: "price-negative", detail: "line 2: a price of −£4.00" },
        { ...letter, partition: 5, offset: 148_877, reason: "future", detail: "occurred_at is 2 h after the record" },
        { ...letter, partition: 0, offset: 140_012, reason: "undecodable", type: "", detail: "unknown fingerprint" },
      ],
    },
    doubles: { orderIds: {}, sessions: 0 },
    storageUp: true,
    screens: 3,
  };
}

/** Net sales of a year as a real shop had them; one month has prices finer than a penny. */
export const MONTHS: readonly MonthRow[] = (
  [
    ["2010-12", 748_957.02],
    ["2011-01", 560_000.26],
    ["2011-02", 498_062.65],
    ["2011-03", 683_267.08],
    ["2011-04", 493_207.121],
    ["2011-05", 723_333.51],
    ["2011-06", 691_123.12],
    ["2011-07", 681_300.111],
    ["2011-08", 682_680.51],
    ["2011-09", 1_019_687.622],
    ["2011-10", 1_070_704.67],
    ["2011-11", 1_461_756.25],
  ] as const
).map(([month, net]) => ({
  month,
  netSales: pounds(net),
  gross: pounds(net + 20_000),
  refunds: pounds(20_000),
  orders: 1500,
  aov: pounds((net + 20_000) / 1500),
}));
