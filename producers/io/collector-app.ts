// Everything the collector answers over HTTP.
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import type { Logger } from "../../runtime/log.ts";
import { problem } from "../../runtime/problem.ts";
import { MAX_BODY_BYTES, type ClockAnswer, type CollectAnswer } from "../contract/collect.ts";
import type { ShopEvent } from "../contract/events.ts";
import { admit, answerOf, type Circumstances } from "../core/collect/admit.ts";
import { readBody } from "../core/collect/read-body.ts";
import { allowedOrigins } from "./allowed-origins.ts";
import { Allowance } from "./allowance.ts";
import { Unacknowledged, type Append } from "./append.ts";
import { CollectorMetrics } from "./collector-metrics.ts";

export interface CollectorSettings {
  readonly stores: ReadonlySet<string>;
  /** Besides its own. */
  readonly origins: readonly string[];
  readonly eventsPerMinute: number;
  /** A request header with the visitor's country; empty: there is none. */
  readonly countryHeader: string;
  /** The built snippet; null: it is not built. */
  readonly snippet: string | null;
}

export interface CollectorParts {
  readonly append: Append;
  /** Did Kafka acknowledge what it was given last? */
  readonly kafkaAnswers: () => boolean;
  /** Whose allowance a request takes from. */
  readonly addressOf: (c: Context) => string;
  readonly log: Logger;
  readonly now: () => number;
}

const RETRY_AFTER_S = 5;
const SNIPPET_KEPT_S = 3600;
/** text/plain is what sendBeacon sends of a string, and needs no preflight. */
const CONTENT_TYPE = /^(application\/json|text\/plain)\s*(;|$)/i;

export function collectorApp(settings: CollectorSettings, parts: CollectorParts): Hono {
  const { log, now } = parts;
  const metrics = new CollectorMetrics(parts.kafkaAnswers);
  const allowance = new Allowance(settings.eventsPerMinute);
  const app = new Hono();

  app.use(async (c, next) => {
    await next();
    metrics.request(c.res.status);
  });
  // Other origins load the snippet and send events: that is what it is for. Whether there is TLS is for whatever stands in front.
  app.use(secureHeaders({ crossOriginResourcePolicy: "cross-origin", strictTransportSecurity: false }));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return problem(c, error.status, error.message, error.message);
    log.error({ err: error, path: c.req.path }, "a request failed");
    return problem(c, 500, "Internal error", "The collector's log says more.");
  });
  app.notFound((c) =>
    problem(c, 404, "Not found", "There is POST /collect, GET /clock, /tidemark.js, /healthz and /metrics."),
  );

  app.get("/healthz", (c) => c.json({ ok: true, kafka: parts.kafkaAnswers() }));
  app.get("/metrics", async (c) => c.body(await metrics.text(), 200, { "content-type": metrics.contentType }));
  app.get("/tidemark.js", etag(), compress(), (c) =>
    settings.snippet === null
      ? problem(c, 503, "Not built", "The snippet is not built: run npm run build and start the collector again.")
      : c.body(settings.snippet, 200, {
          "content-type": "text/javascript; charset=utf-8",
          "cache-control": `public, max-age=${SNIPPET_KEPT_S}`,
        }),
  );

  const origins = allowedOrigins(settings.origins);
  app.use("/clock", origins);
  app.get("/clock", (c) => c.json({ now: now() } satisfies ClockAnswer, 200, { "cache-control": "no-store" }));

  app.use("/collect", origins);
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (c) => problem(c, 413, "Too large", `A body may have ${MAX_BODY_BYTES} bytes; send fewer events at once.`),
  });
  app.post("/collect", limit, async (c) => {
    const type = c.req.header("content-type") ?? "";
    if (!CONTENT_TYPE.test(type))
      return problem(c, 415, "Unsupported content type", `Send application/json or text/plain, not "${type}".`);
    const read = readBody(await c.req.text());
    if (!read.ok) return problem(c, 400, "Malformed body", read.detail);
    const { events, lost } = read.body;

    const wait = await allowance.take(parts.addressOf(c), events.length);
    if (wait > 0) {
      c.header("retry-after", String(wait));
      const most = `${settings.eventsPerMinute} events a minute`;
      return problem(c, 429, "Too many events", `An address may send ${most}; try again in ${wait} s.`);
    }
    return collect(c, events, lost);
  });

  /** Accepts what can be accepted, and answers when the log has it. */
  async function collect(c: Context, events: readonly unknown[], lost: number): Promise<Response> {
    const circumstances: Circumstances = {
      now: now(),
      stores: settings.stores,
      userAgent: c.req.header("user-agent") ?? null,
      country: (settings.countryHeader && c.req.header(settings.countryHeader)) || null,
    };
    const admissions = events.map((raw) => admit(raw, circumstances));
    const admitted = admissions.flatMap((admission) => (admission.ok ? [admission.event] : []));
    if (!(await acknowledged(admitted))) {
      c.header("retry-after", String(RETRY_AFTER_S));
      const detail = "Kafka has not acknowledged the events. Send them again, under the same event ids.";
      return problem(c, 503, "Log unavailable", detail);
    }
    const answers = events.map((raw, index) => answerOf(raw, index, admissions[index]!));
    for (const [index, answer] of answers.entries()) {
      const type = (events[index] as { type?: unknown } | null)?.type;
      metrics.event(type, answer.status === "accepted" ? "accepted" : answer.reason);
      if (answer.status === "rejected") log.debug({ ...answer, type }, "an event was not accepted");
    }
    metrics.lost(lost);
    const rejected = answers.length - admitted.length;
    const answer: CollectAnswer = { now: now(), accepted: admitted.length, rejected, events: answers };
    return c.json(answer, rejected === 0 ? 200 : 207);
  }

  async function acknowledged(events: readonly ShopEvent[]): Promise<boolean> {
    try {
      if (events.length > 0) await parts.append(events);
      return true;
    } catch (error) {
      if (!(error instanceof Unacknowledged)) throw error;
      for (const { type } of events) metrics.event(type, "unacknowledged");
      return false;
    }
  }

  return app;
}
