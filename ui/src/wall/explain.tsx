// "Explain this number": the catalogue's own words, and the numbers behind the figure.
import { KPIS } from "../../../stream/contract/kpis.ts";
import { TILES, type TileId, type WallState } from "../../../gateway/contract/wall.ts";
import { clock, count, date, exactMoney } from "../core/format.ts";
import { revisedLines } from "../core/revised.ts";
import { FactsDialog } from "./facts-dialog.tsx";
import { intervalText, wordsOf } from "./figures.ts";

const GAUGE = {
  title: "Visitors now",
  formula: "distinct sessions with an event in the last 5 minutes",
  numeratorText: "sessions",
  denominatorText: null,
  exclusions: "bots and test traffic",
  unit: "count",
} as const;

export function Explain({
  id,
  state,
  onClose,
}: {
  id: TileId;
  state: WallState;
  onClose: () => void;
}): preact.JSX.Element {
  const { kpi, perMinute } = TILES[id];
  const about = kpi === "visitors" ? GAUGE : KPIS[kpi];
  const figure = state.tiles[id];
  const zone = state.store.timeZone;
  const amount = (value: number): string =>
    about.unit === "money" && kpi !== "aov" ? exactMoney(value, state.store.currency) : count(value);
  const numerator =
    figure && (about.unit === "money" ? exactMoney(figure.numerator, state.store.currency) : amount(figure.numerator));
  const rows: [string, string | readonly string[]][] = [
    ["Formula", about.formula + (perMinute ? ", divided by the minutes of its window" : "")],
    [
      "Value",
      figure?.value == null
        ? "none"
        : wordsOf(id, figure.value, state.store).value + wordsOf(id, figure.value, state.store).unit,
    ],
    ["Numerator", `${about.numeratorText}: ${numerator ?? "unknown"}`],
    ...(about.denominatorText === null || figure?.denominator == null
      ? []
      : ([["Denominator", `${about.denominatorText}: ${count(figure.denominator)}`]] as [string, string][])),
    ...(figure && intervalText(id, figure) ? ([["Interval", intervalText(id, figure)]] as [string, string][]) : []),
    ["Left out", about.exclusions],
    [
      "Window",
      figure ? `${date(figure.from, zone)} ${clock(figure.from, zone)} to ${clock(figure.to, zone)}, ${zone}` : "",
    ],
    ...(figure?.revised ? ([["Revised", revisedLines(figure.revised, state.store)]] as [string, string[]][]) : []),
    [
      "As of",
      `${clock(state.asOf, zone)}, by ${state.freshness.partitionsHeard} of ${state.freshness.partitions} partitions`,
    ],
  ];
  return <FactsDialog title={about.title} facts={rows} onClose={onClose} />;
}
