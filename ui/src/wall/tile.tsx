// A tile: label, value, what it is compared with, its line, its age. Label, value and age keep their places in every state.
import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import { TILES, type Figure, type Series, type StoreInfo, type TileId } from "../../../gateway/contract/wall.ts";
import { Chart } from "../chart/chart.tsx";
import { sparkline } from "../chart/lines.ts";
import { fit } from "../core/fit.ts";
import { age } from "../core/format.ts";
import { isOld, type WallCondition } from "../core/link.ts";
import { revisedAloud } from "../core/revised.ts";
import { columnsOf } from "./columns.ts";
import { DeltaMark } from "./delta.tsx";
import { absenceOf, deltaOf, intervalText, wordsOf } from "./figures.ts";
import { useInk } from "./theme.ts";

export interface TileProps {
  readonly id: TileId;
  readonly label: string;
  readonly qualifier?: string;
  readonly store: StoreInfo | null;
  readonly figure: Figure | undefined;
  readonly series: Series | undefined;
  readonly condition: WallCondition;
  /** ms; null: nothing has come yet. */
  readonly age: number | null;
  readonly onExplain: (id: TileId) => void;
}

const WIDTH = 592;
const LINE_HEIGHT = 62;
const VALUE_SIZE = 96;
/** Room for a value: alone, beside its comparison, beside a longer one. */
const ROOM = { alone: 540, beside: 340, besideCounts: 285 } as const;

export function Tile(props: TileProps): preact.JSX.Element {
  const { id, label, store, figure, series, condition, onExplain } = props;
  const old = isOld(condition);
  const off = condition === "disconnected";
  const ready = store !== null && figure !== undefined;
  // a longer label leaves no room for the interval; it is in the explanation
  const qualifier = ready && id === "conversion" && !old ? intervalText(id, figure) : props.qualifier;
  return (
    <button
      type="button"
      class={`tile ${old ? "is-stale" : ""} ${off ? "is-off" : ""}`}
      onClick={() => onExplain(id)}
      data-tile={id}
    >
      <span class="tile-head">
        <span class="label">{label}</span>
        {qualifier && <span class="provenance">{qualifier}</span>}
        <AgeMark age={props.age} old={old} off={off} />
      </span>
      {ready ? <Body id={id} store={store} figure={figure} /> : <Waiting age={props.age} />}
      {ready && figure.absent === null && series && <Line id={id} store={store} series={series} off={off || old} />}
    </button>
  );
}

function AgeMark({ age: ms, old, off }: { age: number | null; old: boolean; off: boolean }): preact.JSX.Element {
  if (ms === null) return <span class="provenance age" />;
  return <span class={`provenance age ${old || off ? "doubt" : ""}`}>{old ? `stale ${age(ms)}` : age(ms)}</span>;
}

function Waiting({ age: ms }: { age: number | null }): preact.JSX.Element {
  return (
    <span class="tile-body">
      <span class="skeleton" />
      {ms !== null && ms > 5000 && <span class="provenance">waiting for data</span>}
    </span>
  );
}

function Body({ id, store, figure }: { id: TileId; store: StoreInfo; figure: Figure }): preact.JSX.Element {
  const absence = absenceOf(id, figure);
  if (absence || figure.value === null)
    return (
      <span class="tile-body absent">
        <span class="value">{absence?.title ?? "no data"}</span>
        <span class="provenance">{absence?.detail}</span>
      </span>
    );
  const { value, unit } = wordsOf(id, figure.value, store);
  const delta = deltaOf(id, figure.compare, store);
  const room = delta === null ? "alone" : id === "payments_failed" ? "besideCounts" : "beside";
  return (
    <span class="tile-body">
      <span class="value" style={{ fontSize: `${fit(value, unit, ROOM[room], VALUE_SIZE)}px` }}>
        {value}
        {unit && <span class="unit">{unit}</span>}
      </span>
      {delta && (
        <span class="against">
          <DeltaMark delta={delta} />
          <span class="provenance">
            {id === "payments_failed" && figure.denominator !== null
              ? `${figure.numerator} of ${figure.denominator} in 60 min`
              : `vs ${delta.against}`}
          </span>
        </span>
      )}
    </span>
  );
}

function Line({
  id,
  store,
  series,
  off,
}: {
  id: TileId;
  store: StoreInfo;
  series: Series;
  off: boolean;
}): preact.JSX.Element {
  const ink = useInk();
  const stepped = TILES[id].series?.rolling === 0;
  const settled = useMemo(() => ({ until: null as number | null }), []);
  settled.until = series.settledUntil;
  const options = useMemo(() => {
    const colour = off ? ink.muted : ink.now;
    const revised = off ? ink.muted : ink.text;
    const shape = { ink, colour, revised, settledUntil: () => settled.until, stepped };
    return sparkline(shape, stepped ? uPlot.paths.stepped!({ align: 1 }) : null);
  }, [ink, off, stepped]);
  const data = useMemo(() => columnsOf(series), [series]);
  return (
    <>
      <span class="tile-line" aria-hidden="true">
        <Chart width={WIDTH} height={LINE_HEIGHT} data={data} options={options} />
        {series.settledUntil !== null && <span class="settling">settling</span>}
      </span>
      {series.revised.start.length > 0 && <span class="visually-hidden">{revisedAloud(series.revised, store)}</span>}
    </>
  );
}
