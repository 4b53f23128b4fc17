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
  const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]));
  const log = new Map<number, LogRecord[]>([...ends.keys()].map((partition) => [partition, []]));
  const wanted = [...ends.values()].reduce((sum, end) => sum + end, 0);
  const groupId = `test-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let read = 0;
  if (wanted > 0)
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          autoCommit: false,
          eachMessage: ({ partition, message: { offset, timestamp, key, value } }) => {
            if (Number(offset) < ends.get(partition)!) {
              log.get(partition)!.push(LogRecord.of(Number(offset), Number(timestamp), key, value));
              if (++read === wanted) resolve();
            }
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
