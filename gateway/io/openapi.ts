// The API described as OpenAPI 3.1, made from the same shapes that check its questions.
import { z } from "zod";
import { QUESTIONS } from "./questions.ts";

interface Route {
  readonly summary: string;
  readonly question: z.ZodObject | null;
}

const ROUTES = {
  "/api/stores": { summary: "The stores: id, name, time zone, currency", question: null },
  "/api/kpis": { summary: "The catalogue of KPIs: formula, numerator, denominator, exclusions", question: null },
  "/api/wall": { summary: "Everything a wall shows, now", question: QUESTIONS.wall },
  "/api/series": { summary: "A KPI over time, from storage, in steps", question: QUESTIONS.series },
  "/api/months": { summary: "A store's months in store time; money in ten-thousandths", question: QUESTIONS.months },
  "/api/status": {
    summary: "The accounting of records per partition, lag, dead letters, and what counts twice",
    question: null,
  },
} as const satisfies Record<string, Route>;

export function openApi(): object {
  const paths = Object.entries<Route>(ROUTES).map(([path, { summary, question }]) => [
    path,
    {
      get: {
        summary,
        parameters: question === null ? [] : parametersOf(question),
        responses: {
          200: { description: "The answer", content: { "application/json": {} } },
          ...(question === null ? {} : { default: PROBLEM }),
        },
      },
    },
  ]);
  return {
    openapi: "3.1.0",
    info: {
      title: "Tidemark gateway",
      version: "1",
      description: "Times are ms since 1970 UTC, money ten-thousandths.",
    },
    paths: Object.fromEntries(paths),
  };
}

const PROBLEM = { description: "RFC 9457 problem details", content: { "application/problem+json": {} } };

function parametersOf(question: z.ZodObject): object[] {
  const { properties = {}, required = [] } = z.toJSONSchema(question, { io: "input" });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}
