// REST under /api: the wall as JSON, series and months from storage, the accounting of records.
import { Hono, type Context } from "hono";
import { z } from "zod";
import { TILES, type StoreInfo, type Subscription, type TileId } from "../contract/wall.ts";
import type { Status } from "../contract/status.ts";
import { KPIS, type Kpi } from "../../stream/contract/kpis.ts";
import type { Model } from "../core/model.ts";
import { wallState } from "../core/wall.ts";
import { openApi } from "./openapi.ts";
import { problem } from "../../runtime/problem.ts";
import { QUESTIONS } from "./questions.ts";
import type { Storage } from "./storage.ts";

export interface ApiParts {
  readonly model: Model;
  readonly storage: Storage;
  readonly build: string;
  readonly now: () => number;
  readonly status: () => Promise<Status>;
}

const SECOND_MS = 1000;
const ALL_TILES = Object.keys(TILES) as TileId[];

export function api(parts: ApiParts): Hono {
  const { model, storage, build, now } = parts;
  const app = new Hono();

  app.get("/stores", (c) => c.json(model.stores));

  app.get("/kpis", (c) => c.json(Object.entries<Kpi>(KPIS).map(([id, kpi]) => ({ id, ...explained(kpi) }))));

  app.get("/wall", (c) =>
    asked(c, QUESTIONS.wall, model, (store, query) => {
      const subscription: Subscription = { ...query, store: store.id, tiles: ALL_TILES };
      return c.json(wallState(model, subscription, { build, sequence: 0, points: null }, now()));
    }),
  );

  app.get("/months", (c) =>
    asked(c, QUESTIONS.months, model, (store) => fromStorage(c, () => storage.months(store.id, store.timeZone))),
  );

  app.get("/series", (c) =>
    asked(c, QUESTIONS.series, model, (_, { kpi: id, from, to, ...query }) =>
      fromStorage(c, async () => {
        const kpi: Kpi = KPIS[id];
        const range = {
          ...query,
          from: Math.floor(from / SECOND_MS / 60) * 60,
          to: Math.ceil(to / SECOND_MS / 60) * 60,
        };
        const steps = await storage.series(range);
        return {
          kpi: id,
          unit: kpi.unit,
          start: steps.map(({ start }) => start),
          value: steps.map(({ measures }) => taken(kpi, measures)),
          numerator: steps.map(({ measures }) => kpi.numerator(measures)),
          denominator: kpi.denominator && steps.map(({ measures }) => kpi.denominator!(measures)),
        };
      }),
    ),
  );

  app.get("/status", async (c) => c.json(await parts.status()));
  app.get("/openapi.json", (c) => c.json(openApi()));
  app.all("*", (c) => problem(c, 404, "Not found", "There is no such question; see /api/openapi.json."));
  return app;
}

/** null: nothing to divide by. */
function taken(kpi: Kpi, measures: readonly number[]): number | null {
  if (kpi.denominator === null) return kpi.numerator(measures);
  const denominator = kpi.denominator(measures);
  return denominator === 0 ? null : kpi.numerator(measures) / denominator;
}

const explained = (kpi: Kpi): object => ({ ...kpi, numerator: undefined, denominator: undefined });

/** Checks the question, and that the store is known. */
function asked<Shape extends z.ZodType<{ store: string }>>(
  c: Context,
  shape: Shape,
  model: Model,
  answer: (store: StoreInfo, query: z.output<Shape>) => Response | Promise<Response>,
): Response | Promise<Response> {
  const parsed = shape.safeParse(c.req.query());
  if (!parsed.success) return problem(c, 400, "Bad question", z.prettifyError(parsed.error));
  const store = model.store(parsed.data.store);
  if (store !== null) return answer(store.info, parsed.data);
  const known = model.stores.map(({ id }) => id).join(", ");
  return problem(c, 404, "Unknown store", `There is no store "${parsed.data.store}". Known: ${known}.`);
}

/** Storage may be away: then the answer says so, and the walls go on. */
async function fromStorage(c: Context, read: () => Promise<object>): Promise<Response> {
  try {
    return c.json(await read());
  } catch (error) {
    const detail = `ClickHouse did not answer: ${error instanceof Error ? error.message : String(error)}`;
    return problem(c, 503, "Storage unavailable", detail);
  }
}
