// The parameters of each question of the API: checked with them, described by them in OpenAPI.
import { z } from "zod";
import { DIMENSIONS, ALL } from "../../stream/contract/dimensions.ts";
import { KPIS, type KpiId } from "../../stream/contract/kpis.ts";

const MINUTE_S = 60;
/** A wall or chart draws no more points than it has pixels. */
const MAX_POINTS = 5000;

const store = z.string().min(1).max(100).describe("Id of a store, see /api/stores");
const slice = {
  dimension: z.enum(DIMENSIONS).default("total").describe("By what the figures are cut"),
  value: z.string().min(1).max(200).default(ALL).describe("Value of the dimension; all for total"),
};
const time = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .describe("ISO 8601 with offset; whole minutes count");

export const QUESTIONS = {
  wall: z.object({ store, ...slice }),
  months: z.object({ store }),
  series: z
    .object({
      store,
      ...slice,
      kpi: z.enum(Object.keys(KPIS) as [KpiId, ...KpiId[]]).describe("Id of a KPI, see /api/kpis"),
      from: time,
      to: time,
      step: z.coerce
        .number()
        .int()
        .multipleOf(MINUTE_S)
        .min(MINUTE_S)
        .default(MINUTE_S)
        .describe("Seconds, whole minutes"),
    })
    .refine(({ from, to }) => from < to, { message: "from must lie before to" })
    .refine(({ from, to, step }) => (to - from) / 1000 / step <= MAX_POINTS, {
      message: `more than ${MAX_POINTS} points: take a larger step`,
    }),
} as const;
