// Is this the log that the stored orders came from? An event about an order means nothing in another one, and would still count
// there: so before anything is written, some of the orders are looked up in it.
import { randomUUID } from "node:crypto";
import type { Kafka } from "kafkajs";
import { EventDecoder } from "../contract/codec.ts";
import type { StoredOrder } from "../core/reconcile/plan.ts";

type Placed = Pick<StoredOrder, "partition" | "placedOffset" | "orderId">;

const PATIENCE_MS = 20_000;

/** null: it is, by one order of each partition. Else what is wrong with it. */
export async function whyNotOwnLog(kafka: Kafka, topic: string, orders: readonly Placed[]): Promise<string | null> {
  const samples = [...new Map(orders.map((order) => [order.partition, order])).values()];
  const admin = kafka.admin();
  await admin.connect();
  const groupId = `tidemark-reconcile-${randomUUID()}`;
  try {
    if (!(await admin.listTopics()).includes(topic)) return `there is no topic ${topic}`;
    const ranges = new Map((await admin.fetchTopicOffsets(topic)).map((range) => [range.partition, range]));
    for (const { partition, placedOffset } of samples) {
      const range = ranges.get(partition);
      const where = `partition ${partition} of ${topic}`;
      if (range === undefined) return `there is no ${where}`;
      if (placedOffset >= Number(range.high)) return `${where} ends before offset ${placedOffset}`;
      if (placedOffset < Number(range.low)) return `${where} no longer holds offset ${placedOffset}`;
    }
    const others = [...ranges.keys()].filter((partition) => samples.every((one) => one.partition !== partition));
    return await lookUp(kafka, groupId, topic, samples, others);
  } finally {
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}

async function lookUp(
  kafka: Kafka,
  groupId: string,
  topic: string,
  samples: readonly Placed[],
  others: readonly number[],
): Promise<string | null> {
  const decoder = new EventDecoder();
  const wanted = new Map(samples.map((sample) => [sample.partition, sample]));
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    return await new Promise((resolve, reject) => {
      setTimeout(() => resolve(`${topic} did not give its records in time`), PATIENCE_MS).unref();
      consumer
        .run({
          autoCommit: false,
          eachMessage: ({ partition, message }) => {
            const sample = wanted.get(partition);
            if (sample === undefined || Number(message.offset) !== sample.placedOffset) return Promise.resolve();
            consumer.pause([{ topic, partitions: [partition] }]);
            const decoded = decoder.decode(message.value);
            const same =
              decoded.ok && decoded.event.type === "order_placed" && decoded.event.order_id === sample.orderId;
            wanted.delete(partition);
            if (!same)
              resolve(`offset ${message.offset} in partition ${partition} of ${topic} is not order ${sample.orderId}`);
            else if (wanted.size === 0) resolve(null);
            return Promise.resolve();
          },
        })
        .catch(reject);
      if (others.length > 0) consumer.pause([{ topic, partitions: [...others] }]);
      for (const { partition, placedOffset } of samples)
        consumer.seek({ topic, partition, offset: String(placedOffset) });
    });
  } finally {
    await consumer.disconnect();
  }
}
