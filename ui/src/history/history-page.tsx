// History: net sales by month of a store, as a picture and as a table.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import uPlot from "uplot";
import type { MonthRow } from "../../../gateway/contract/status.ts";
import type { StoreInfo } from "../../../gateway/contract/wall.ts";
import { Chart } from "../chart/chart.tsx";
import { count, exactMoney, shortMoney } from "../core/format.ts";
import { Desk } from "../desk/desk.tsx";
import { usePolled } from "../desk/poll.ts";
import { useInk } from "../wall/theme.ts";
import { monthsNamed } from "./months-named.ts";

const EVERY_MS = 30_000;
const AXIS = 64; // px left of the plot

export default function HistoryPage(): preact.JSX.Element {
  const { query, route } = useLocation();
  const stores = usePolled<StoreInfo[]>("/api/stores", EVERY_MS);
  const store = stores.data?.find(({ id }) => id === query["store"]) ?? stores.data?.[0] ?? null;
  const picker = stores.data && store && (
    <label>
      <span class="visually-hidden">Store</span>
      <select
        value={store.id}
        onChange={(event) => route(`/history?store=${encodeURIComponent(event.currentTarget.value)}`)}
      >
        {stores.data.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Desk title="History" polled={stores} bar={picker}>
      {store && <Months key={store.id} store={store} />}
      {stores.data && !store && <p class="empty">No store is known yet.</p>}
    </Desk>
  );
}

function Months({ store }: { store: StoreInfo }): preact.JSX.Element {
  const months = usePolled<MonthRow[]>(`/api/months?store=${encodeURIComponent(store.id)}`, EVERY_MS);
  const [view, setView] = useState<"chart" | "table">("chart");
  const rows = months.data;
  return (
    <section class="card">
      <header>
        <h2>Net sales by month</h2>
        <span class="note">gross less discounts, refunds and cancellations; months in {store.timeZone}</span>
        <span class="switch">
          {(["chart", "table"] as const).map((name) => (
            <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name)}>
              {name === "chart" ? "Chart" : "Table"}
            </button>
          ))}
        </span>
      </header>
      {months.error && <p class="empty is-doubt">▼ {months.error} Asked again every 30 s.</p>}
      {rows === null && !months.error && <p class="empty">Asking the gateway…</p>}
      {rows?.length === 0 && <p class="empty">Nothing was sold in {store.name} yet.</p>}
      {rows !== null && rows.length > 0 && view === "chart" && <Bars rows={rows} store={store} />}
      {rows !== null && rows.length > 0 && <MonthTable rows={rows} store={store} />}
    </section>
  );
}

function Bars({ rows, store }: { rows: readonly MonthRow[]; store: StoreInfo }): preact.JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(800);
  const ink = useInk();
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(280, Math.floor(entry!.contentRect.width))));
    observer.observe(place.current!);
    return () => observer.disconnect();
  }, []);
  const data = useMemo(
    (): uPlot.AlignedData => [rows.map((_, index) => index), rows.map((row) => row.netSales)],
    [rows],
  );
  const names = rows.map(({ month }) => month).join();
  const options = useMemo(() => {
    const labels = names.split(",");
    const axis = { font: "12px Inter", stroke: ink.muted, ticks: { show: false } } as const;
    return {
      legend: { show: false },
      cursor: { show: false },
      padding: [12, 16, 0, 0] as [number, number, number, number],
      scales: {
        x: { time: false, range: (): [number, number] => [-0.6, labels.length - 0.4] },
        y: {
          range: (_: uPlot, min: number, max: number): [number, number] => [
            Math.min(0, min * 1.1),
            Math.max(1, max * 1.1),
          ],
        },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          splits: (chart: uPlot) => monthsNamed(labels.length, chart.width - AXIS),
          values: (_: uPlot, splits: number[]) => splits.map((at) => labels[at] ?? ""),
        },
        {
          ...axis,
          size: AXIS,
          grid: { stroke: ink.hair, width: 1 },
          values: (_: uPlot, splits: number[]) => splits.map((at) => shortMoney(at, store.currency)),
        },
      ],
      series: [{}, { fill: ink.now, paths: uPlot.paths.bars!({ size: [0.7, 90] }), points: { show: false } }],
    };
  }, [ink, names, store.currency]);
  return (
    <div ref={place} aria-hidden="true">
      <Chart width={width} height={300} data={data} options={options} />
    </div>
  );
}

function MonthTable({ rows, store }: { rows: readonly MonthRow[]; store: StoreInfo }): preact.JSX.Element {
  const sum = (of: (row: MonthRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const show = (value: number): string => exactMoney(value, store.currency);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Net sales by month">
      <table>
        <thead>
          <tr>
            <th class="text">Month</th>
            <th>Net sales</th>
            <th>Gross</th>
            <th>Refunds</th>
            <th>Orders</th>
            <th>AOV</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.month}>
              <td class="text">{row.month}</td>
              <td class="strong">{show(row.netSales)}</td>
              <td>{show(row.gross)}</td>
              <td>{show(-row.refunds || 0)}</td>
              <td>{count(row.orders)}</td>
              <td>{row.aov === null ? "–" : show(Math.round(row.aov / 100) * 100)}</td>
            </tr>
          ))}
          <tr class="total">
            <td class="text">All</td>
            <td>{show(sum((row) => row.netSales))}</td>
            <td>{show(sum((row) => row.gross))}</td>
            <td>{show(-sum((row) => row.refunds) || 0)}</td>
            <td>{count(sum((row) => row.orders))}</td>
            <td />
          </tr>
        </tbody>
      </table>
    </div>
  );
}
