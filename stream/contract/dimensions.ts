// By what a 60 s pane is cut. `total` is every human event; `bot` keeps automatic traffic apart; category rows hold only
// product views, units, gross and the orders that contain the category.

export const DIMENSIONS = [
  "total",
  "channel",
  "country",
  "device",
  "segment",
  "category",
  "channel_country",
  "bot",
] as const;

export type Dimension = (typeof DIMENSIONS)[number];

/** The value of the dimension `total` and `bot`. */
export const ALL = "all";

/** Joins the parts of a cross, e.g. email and GB to `email|GB`. */
export const CROSS = "|";

export type PaneWidth = 1 | 60;
