// An Apache Kafka broker from Maven: resolved once, by a pinned pom, into the ignored folder.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { HOME, ROOT } from "./paths.ts";

const run = promisify(execFile);
const POM = join(ROOT, "local/kafka/pom.xml");
const LEAST_JAVA = 17;

const CHOICES = `Tidemark needs a Kafka broker and ClickHouse. Choose one:
  1. install Java ${LEAST_JAVA} or newer and Maven, and run this again (on Debian: apt-get install default-jdk-headless maven)
  2. run everything in containers: docker compose up
  3. use your own: set KAFKA_BROKERS and CLICKHOUSE_URL`;

/** Throws an error that lists the choices where Java is missing or too old. */
export async function checkJava(): Promise<void> {
  const answer = await run("java", ["-version"]).catch(() => null);
  const version = /version "(?:1\.)?(\d+)/.exec(answer?.stderr ?? "")?.[1];
  if (version === undefined) throw new Error(`Java was not found.\n${CHOICES}`);
  if (Number(version) < LEAST_JAVA) throw new Error(`Java ${version} is too old.\n${CHOICES}`);
}

/** The folder of the broker's jars; `say` gets a line now and then while they are fetched. */
export async function ensureKafkaJars(say: (line: string) => void): Promise<string> {
  const pinned = createHash("sha256").update(readFileSync(POM)).digest("hex").slice(0, 12);
  const folder = join(HOME, `kafka-${pinned}`);
  await checkJava();
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  say("fetching Apache Kafka with Maven (44 jars, 43 MB, once)");
  const told = setInterval(() => {
    void readdir(partial).then((files) => say(`fetching Apache Kafka: ${files.length} of 44 jars copied`));
  }, 5000);
  try {
    const args = ["-q", "-B", "-f", POM, "dependency:copy-dependencies", `-DoutputDirectory=${partial}`];
    await run("mvn", args, { maxBuffer: 1 << 24 });
  } catch (error) {
    const { code, stdout = "", message } = error as { code?: unknown; stdout?: string; message: string };
    if (code === "ENOENT") throw new Error(`Maven was not found.\n${CHOICES}`, { cause: error });
    throw new Error(`Maven could not fetch Apache Kafka:\n${stdout || message}`, { cause: error });
  } finally {
    clearInterval(told);
  }
  renameSync(partial, folder);
  return folder;
}
