// The broker compresses a topic with Java's own codecs, as other producers would have written it.
import { expect, test } from "vitest";
import { TOPIC_SETTINGS } from "../../producers/contract/topics.ts";
import { compare, foldWell, kafkaOf } from "../support/folding.ts";
import { worldOfTest } from "../support/world.ts";

test.each(["gzip", "snappy", "lz4", "zstd"])("a topic compressed with %s is folded exactly", async (codec) => {
  const world = await worldOfTest({ RAW_EVENTS: "all" });
  const { EVENTS_TOPIC, EVENTS_PARTITIONS } = world.config;
  const admin = kafkaOf(world).admin();
  await admin.connect();
  const settings = Object.entries({ ...TOPIC_SETTINGS.events, "compression.type": codec });
  const configEntries = settings.map(([name, value]) => ({ name, value }));
  await admin.createTopics({ topics: [{ topic: EVENTS_TOPIC, numPartitions: EVENTS_PARTITIONS, configEntries }] });
  await admin.disconnect();
  const from = new Date(Date.now() - 24 * 3_600_000).toISOString(); // a whole day: night and noon, whenever this runs
  const range = ["--from", from, "--to", new Date().toISOString(), "--speed", "max", "--rate", "2000"];
  const simulator = world.start("producers/simulate.ts", range);
  expect(await simulator.ended, simulator.tail()).toBe(0);
  await foldWell(world);
  const { problems, records } = await compare(world);
  expect(problems).toEqual([]);
  expect(records).toBeGreaterThan(2_000);
});
