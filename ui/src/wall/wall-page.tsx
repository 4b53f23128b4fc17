// The wall: 1920 × 1080, scaled to the screen. Scene 1, Pulse: the band, six tiles and the last hour.
import { useEffect, useRef, useState } from "preact/hooks";
import { useSignal, useSignalEffect } from "@preact/signals";
import type { StoreInfo, TileId } from "../../../gateway/contract/wall.ts";
import { ageOf, isOld } from "../core/link.ts";
import { Band } from "./band.tsx";
import { Explain } from "./explain.tsx";
import { ofDay } from "./figures.ts";
import { Help } from "./help.tsx";
import { HourPanel } from "./hour-panel.tsx";
import { condition, follow, link, now, serverNow, wall } from "./live.ts";
import { Strip } from "./strip.tsx";
import { initialTheme, setTheme, toggleTheme } from "./theme.ts";
import { Tile } from "./tile.tsx";
import { unattended } from "./unattended.ts";
import "./wall.css";

const TILES_SHOWN: readonly { id: TileId; label: string; qualifier?: string }[] = [
  { id: "conversion", label: "Conversion" },
  { id: "aov", label: "Order value", qualifier: "average" },
  { id: "visitors_now", label: "Visitors now" },
  { id: "carts_abandoned", label: "Carts abandoned" },
  { id: "payments_failed", label: "Payments failed" },
  { id: "refunds_today", label: "Refunds" },
];

const SPOKEN_EVERY_MS = 30_000;

export default function WallPage(): preact.JSX.Element {
  const canvas = useRef<HTMLDivElement>(null);
  const [dialog, setDialog] = useState<TileId | "help" | null>(null);
  useEffect(() => setTheme(initialTheme("wall")), []);
  useEffect(() => followStore(), []);
  useEffect(() => scaled(canvas.current!), []);
  useEffect(() => unattended(canvas.current!), []);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "t" || event.key === "T") toggleTheme();
      if (event.key === "f" || event.key === "F") void toggleFullscreen();
      if (event.key === "?") setDialog("help");
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);

  const state = wall.value;
  const is = condition.value;
  const age = state ? ageOf(link.value, state.freshness, now.value) : now.value - link.value.waitingSince;
  const off = is === "disconnected";
  /** A dialog's end is told in a later task, when another may be open already. */
  const closes = (one: TileId | "help") => () => setDialog((open) => (open === one ? null : open));
  return (
    <main class="wall" data-condition={is}>
      <h1 class="visually-hidden">Tidemark, {state?.store.name ?? "loading"}</h1>
      <div class="canvas" ref={canvas}>
        <Strip condition={is} link={link.value} state={state} now={now.value} age={age} />
        <Band state={state} condition={is} serverNow={serverNow.value} age={age} onExplain={setDialog} />
        <section class="tiles" aria-label="Figures">
          {TILES_SHOWN.map(({ id, label, ...words }) => (
            <Tile
              key={id}
              id={id}
              {...words}
              label={id === "refunds_today" ? ofDay(label, state, serverNow.value) : label}
              store={state?.store ?? null}
              figure={state?.tiles[id]}
              series={state?.series[id]}
              condition={is}
              age={age}
              onExplain={setDialog}
            />
          ))}
        </section>
        <section class="hours" aria-label="The last hour">
          {(["revenue_60m", "conversion_60m"] as const).map((id) => (
            <HourPanel
              key={id}
              id={id}
              label={id === "revenue_60m" ? "Revenue, last 60 min" : "Conv. live, 60 min"}
              wide={id === "revenue_60m"}
              store={state?.store ?? null}
              figure={state?.tiles[id]}
              series={state?.series[id]}
              off={off}
              old={isOld(is)}
              onExplain={setDialog}
            />
          ))}
        </section>
      </div>
      <Spoken />
      {dialog === "help" && <Help onClose={closes("help")} />}
      {dialog && dialog !== "help" && state && <Explain id={dialog} state={state} onClose={closes(dialog)} />}
    </main>
  );
}

/** A summary for screen readers, at most every 30 s. */
function Spoken(): preact.JSX.Element {
  const text = useSignal("");
  const last = useRef(0);
  useSignalEffect(() => {
    if (wall.value === null || now.value - last.current < SPOKEN_EVERY_MS) return;
    last.current = now.value;
    text.value = `${wall.value.store.name}: the wall is ${condition.value}.`;
  });
  return (
    <p class="visually-hidden" role="status">
      {text}
    </p>
  );
}

/** Follows the store that the address names, else the first. */
function followStore(): () => void {
  let stop: (() => void) | null = null;
  let ended = false;
  const start = (store: string): void => {
    if (!ended) stop = follow(store);
  };
  const named = new URLSearchParams(location.search).get("store");
  if (named !== null) start(named);
  else void firstStore(() => ended).then((store) => store && start(store));
  return () => {
    ended = true;
    stop?.();
  };
}

/** Asks until the gateway answers. */
async function firstStore(ended: () => boolean): Promise<string | null> {
  while (!ended()) {
    try {
      const stores = (await (await fetch("/api/stores")).json()) as StoreInfo[];
      if (stores[0]) return stores[0].id;
    } catch {
      // not there yet
    }
    now.value = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return null;
}

/** Keeps the canvas as large as the screen allows, in the middle. */
function scaled(canvas: HTMLElement): () => void {
  const fit = (): void => {
    const scale = Math.min(innerWidth / 1920, innerHeight / 1080);
    canvas.style.scale = String(scale);
    canvas.style.left = `${(innerWidth - 1920 * scale) / 2}px`;
    canvas.style.top = `${(innerHeight - 1080 * scale) / 2}px`;
  };
  addEventListener("resize", fit);
  fit();
  return () => removeEventListener("resize", fit);
}

function toggleFullscreen(): Promise<void> {
  return document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
}
