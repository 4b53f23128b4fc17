// What a screen may ask for, checked: an unknown store or tile is answered with what is known.
import { z } from "zod";
import { TILES, type SubscribeAnswer, type Subscription, type TileId } from "../contract/wall.ts";
import { DIMENSIONS } from "../../stream/contract/dimensions.ts";

const TILE_IDS = Object.keys(TILES) as [TileId, ...TileId[]];

const shape = z.object({
  store: z.string().max(100),
  dimension: z.enum(DIMENSIONS),
  value: z.string().min(1).max(200),
  tiles: z.array(z.enum(TILE_IDS)).min(1).max(TILE_IDS.length),
});

export type Checked =
  | { readonly ok: true; readonly subscription: Subscription; readonly room: string }
  | Extract<SubscribeAnswer, { ok: false }>;

/** Equal subscriptions share a room, whatever the order of their tiles. */
export function checkSubscription(asked: unknown, stores: readonly string[]): Checked {
  const parsed = shape.safeParse(asked);
  if (!parsed.success) return { ok: false, code: "bad-subscription", message: z.prettifyError(parsed.error) };
  const { store, dimension, value } = parsed.data;
  if (!stores.includes(store))
    return { ok: false, code: "unknown-store", message: `There is no store "${store}". Known: ${stores.join(", ")}.` };
  const tiles = [...new Set(parsed.data.tiles)].sort();
  const subscription = { store, dimension, value, tiles };
  return { ok: true, subscription, room: JSON.stringify([store, dimension, value, ...tiles]) };
}
