// The last 60 minutes of a figure as a chart, with last week's ghost under it.
import { useMemo } from "preact/hooks";
import type { Figure, Series, StoreInfo, TileId } from "../../../gateway/contract/wall.ts";
import { Chart } from "../chart/chart.tsx";
import { hourChart } from "../chart/lines.ts";
import { fit } from "../core/fit.ts";
import { clock, date } from "../core/format.ts";
import { revisedAloud } from "../core/revised.ts";
import { columnsOf } from "./columns.ts";
import { DeltaMark } from "./delta.tsx";
import { absenceOf, deltaOf, tickOf, wordsOf } from "./figures.ts";
import { useInk } from "./theme.ts";

export interface HourPanelProps {
  readonly id: TileId;
  readonly label: string;
  readonly store: StoreInfo | null;
  readonly figure: Figure | undefined;
  readonly series: Series | undefined;
  readonly off: boolean;
  /** The figures are not of now. */
  readonly old: boolean;
  readonly wide: boolean;
  readonly onExplain: (id: TileId) => void;
}

export function HourPanel({
  id,
  label,
  store,
  figure,
  series,
  off,
  old,
  wide,
  onExplain,
}: HourPanelProps): preact.JSX.Element {
  const ready = store !== null && figure !== undefined;
  const absence = ready ? absenceOf(id, figure) : null;
  const words = ready && figure.value !== null && !absence ? wordsOf(id, figure.value, store) : null;
  const delta = ready ? deltaOf(id, figure.compare, store) : null;
  const size = wide ? WIDE : NARROW;
  return (
    <button
      type="button"
      class={`panel ${wide ? "is-wide" : ""} ${off ? "is-off" : ""} ${old ? "is-stale" : ""}`}
      onClick={() => onExplain(id)}
      data-tile={id}
    >
      <span class="panel-words">
        <span class="label">{label}</span>
        <span
          class={`value ${words ? "" : "is-absent"}`}
          style={words ? { fontSize: `${fit(words.value, words.unit, size.room, size.most)}px` } : {}}
        >
          {words?.value ?? absence?.title ?? ""}
          {words?.unit && <span class="unit">{words.unit}</span>}
        </span>
        {wide && delta && (
          <span class="against">
            <DeltaMark delta={delta} />
            <span class="provenance">{`vs ${delta.day} ${clock(delta.at - (figure!.to - figure!.from), store!.timeZone)}–${clock(delta.at, store!.timeZone)}`}</span>
          </span>
        )}
      </span>
      {ready && series && <Plot id={id} store={store} series={series} off={off || old} wide={wide} />}
    </button>
  );
}

const WEEK = 7 * 86_400_000;
/** Room for the value and its largest size, px. */
const WIDE = { room: 440, most: 96 };
const NARROW = { room: 200, most: 56 };

function Plot({
  id,
  store,
  series,
  off,
  wide,
}: {
  id: TileId;
  store: StoreInfo;
  series: Series;
  off: boolean;
  wide: boolean;
}): preact.JSX.Element {
  const ink = useInk();
  const options = useMemo(() => {
    const revised = off ? ink.muted : ink.text;
    const shape = { ink, colour: off ? ink.muted : ink.now, revised, settledUntil: () => null, stepped: false };
    const axes = {
      font: `500 ${wide ? 40 : 28}px Inter`,
      left: wide ? 142 : 108,
      x: (seconds: number) => clock(seconds * 1000, store.timeZone),
      end: (seconds: number) => (off ? clock(seconds * 1000, store.timeZone) : "now"),
      y: (value: number) => tickOf(id, value, store),
      fromZero: true,
    };
    return hourChart(shape, axes);
  }, [ink, off, wide, id, store.timeZone, store.currency]);
  const data = useMemo(() => columnsOf(series), [series]);
  const from = series.start[0];
  return (
    <span class="panel-plot">
      {wide && from !== undefined && series.ghost.some((value) => value !== null) && (
        <span class="ghost-label provenance">{date(from - WEEK, store.timeZone)}</span>
      )}
      <Chart width={wide ? 722 : 568} height={wide ? 232 : 168} data={data} options={options} />
      <Table id={id} store={store} series={series} />
    </span>
  );
}

/** The same for people who cannot see the chart. */
function Table({ id, store, series }: { id: TileId; store: StoreInfo; series: Series }): preact.JSX.Element {
  const every = series.start.flatMap((at, index) => (index % 10 === 0 ? [{ at, value: series.now[index] }] : []));
  return (
    <span class="visually-hidden">
      {every
        .map(
          ({ at, value }) =>
            `${clock(at, store.timeZone)}: ${value == null ? "no data" : wordsOf(id, value, store).value}`,
        )
        .join("; ")}
      {series.revised.start.length > 0 && `; ${revisedAloud(series.revised, store)}`}
    </span>
  );
}
