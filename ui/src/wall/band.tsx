// The band that always shows: revenue today, orders a minute, live conversion, last order, clock and freshness.
import type { TileId, WallState } from "../../../gateway/contract/wall.ts";
import { fit } from "../core/fit.ts";
import { age, clock, date, money } from "../core/format.ts";
import { isOld, type WallCondition } from "../core/link.ts";
import { DeltaMark } from "./delta.tsx";
import { absenceOf, deltaOf, ofDay, wordsOf } from "./figures.ts";

export interface BandProps {
  readonly state: WallState | null;
  readonly condition: WallCondition;
  /** The server's clock, ms. */
  readonly serverNow: number;
  readonly age: number;
  readonly onExplain: (id: TileId) => void;
}

export function Band({ state, condition, serverNow, age: ms, onExplain }: BandProps): preact.JSX.Element {
  const zone = state?.store.timeZone ?? "UTC";
  const last = state?.lastOrder ? money(state.lastOrder.value, state.store.currency, true) : "–";
  const off = condition !== "live" && condition !== "silent";
  const shownAt = condition === "disconnected" && state ? state.asOf : serverNow;
  return (
    <section class={`band ${off ? "is-off" : ""} ${isOld(condition) ? "is-stale" : ""}`} aria-label="Today">
      <Cell id="revenue_today" label={ofDay("Revenue", state, serverNow)} state={state} onExplain={onExplain} wide />
      <Cell id="orders_per_min" label="Orders / min" state={state} onExplain={onExplain} />
      <Cell id="conversion_live" label="Conv. live" state={state} onExplain={onExplain} />
      <div class="cell">
        <span class="label">Last order</span>
        <span class="value" style={sizeOf(last, "", false)}>
          {state ? last : <span class="skeleton" />}
        </span>
        <span class="under">
          {state?.lastOrder && (
            <>
              <span class="when">{age(serverNow - state.lastOrder.occurredAt)}</span>{" "}
              <span class="provenance">ago</span>
            </>
          )}
        </span>
      </div>
      <div class="cell">
        <span class="label">{state ? date(shownAt, zone) : ""}</span>
        <span class="value">{state ? clock(shownAt, zone) : ""}</span>
        <Pill condition={condition} known={state !== null} age={ms} />
      </div>
    </section>
  );
}

function Cell({
  id,
  label,
  state,
  wide,
  onExplain,
}: {
  id: TileId;
  label: string;
  state: WallState | null;
  wide?: boolean;
  onExplain: (id: TileId) => void;
}): preact.JSX.Element {
  const figure = state?.tiles[id];
  const absence = figure ? absenceOf(id, figure) : null;
  const words = state && figure && figure.value !== null ? wordsOf(id, figure.value, state.store) : null;
  const delta = state && figure ? deltaOf(id, figure.compare, state.store) : null;
  const empty = id === "orders_per_min" && figure?.value === 0 && state?.lastOrder;
  return (
    <button type="button" class={`cell ${wide ? "is-wide" : ""}`} onClick={() => onExplain(id)} data-tile={id}>
      <span class="label">{label}</span>
      <span
        class={`value ${absence ? "is-absent" : ""}`}
        style={words ? sizeOf(words.value, words.unit, wide === true) : {}}
      >
        {absence ? absence.title : (words?.value ?? <span class="skeleton" />)}
        {!absence && words?.unit && <span class="unit">{words.unit}</span>}
      </span>
      <span class="under">
        {empty ? (
          <span class="provenance">no orders since {clock(state.lastOrder.occurredAt, state.store.timeZone)}</span>
        ) : absence ? (
          <span class="provenance">{wide ? absence.detail : absence.counts}</span>
        ) : (
          delta && (
            <>
              <DeltaMark delta={delta} /> <span class="provenance">vs {wide ? delta.against : delta.day}</span>
            </>
          )
        )}
      </span>
    </button>
  );
}

/** A cell is as wide as its column. */
const sizeOf = (value: string, unit: string, wide: boolean): { fontSize: string } => ({
  fontSize: `${wide ? fit(value, unit, 590, 96) : fit(value, unit, 286, 84)}px`,
});

function Pill({
  condition,
  known,
  age: ms,
}: {
  condition: WallCondition;
  /** There are figures to be of some age. */
  known: boolean;
  age: number;
}): preact.JSX.Element {
  if (condition === "loading" || !known) return <span class="pill is-waiting">{condition}</span>;
  const live = condition === "live" || condition === "silent";
  return (
    <span class={`pill ${live ? "is-live" : "is-old"}`}>
      <span class="dot" />
      {live ? `LIVE ${age(ms)}` : `${age(ms)} old`}
    </span>
  );
}
