// A whole topic read once, from the start, with a plain consumer: what the oracle looks at.
import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import "../../runtime/compression.ts";
import { LogRecord } from "../../stream/core/log-record.ts";

/** Records by partition, in offset order, up to the log's ends at the time of the call. */
export async function readLog(brokers: string, topic: string): Promise<Map<number, LogRecord[]>> {
  const kafka = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const ranges = await admin.fetchTopicOffsets(topic);
  const ends = new Map(ranges.map(({ partition, high }) => [partition, Number(high)]));
  const log = new Map<number, LogRecord[]>([...ends.keys()].map((partition) => [partition, []]));
  const unread = new Set(ranges.filter(({ low, high }) => low !== high).map(({ partition }) => partition));
  const groupId = `test-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  if (unread.size > 0)
    await new Promise<void>((resolve, reject) => {
      // by offsets, not by a count of records: transactions leave offsets that hold none
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
        if (Number(lastOffset) + 1 >= ends.get(partition)!) unread.delete(partition);
        if (unread.size === 0) resolve();
      });
      consumer
        .run({
          autoCommit: false,
          eachMessage: ({ partition, message: { offset, timestamp, key, value } }) => {
            if (Number(offset) < ends.get(partition)!)
              log.get(partition)!.push(LogRecord.of(Number(offset), Number(timestamp), key, value));
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
  await consumer.disconnect();
  await admin.deleteGroups([groupId]).catch(() => undefined);
  await admin.disconnect();
  return log;
}
