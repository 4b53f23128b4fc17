// Where sessions come from, and what each channel is worth. One row says all about one channel.

export interface Channel {
  readonly name: string;
  /** Share of all sessions. */
  readonly share: number;
  /** Share of its sessions that end in an order. */
  readonly conversion: number;
  /** Share of its orders that are a customer's first. */
  readonly acquires: number;
  /** Basket size against the average. */
  readonly basket: number;
  /** How readily a customer it brought comes back. */
  readonly loyalty: number;
  readonly campaigns: readonly string[];
  readonly referrers: readonly string[];
}

export const CHANNELS: readonly Channel[] = [
  {
    name: "organic",
    share: 0.28,
    conversion: 0.0212,
    acquires: 0.3,
    basket: 1.0,
    loyalty: 0.6,
    campaigns: [],
    referrers: ["https://www.google.com/", "https://www.bing.com/", "https://duckduckgo.com/"],
  },
  {
    name: "social",
    share: 0.24,
    conversion: 0.0122,
    acquires: 0.85,
    basket: 0.78,
    loyalty: 0.35,
    campaigns: ["creator-picks", "short-video"],
    referrers: ["https://www.instagram.com/", "https://www.tiktok.com/", "https://www.pinterest.com/"],
  },
  {
    name: "paid",
    share: 0.18,
    conversion: 0.0205,
    acquires: 0.4,
    basket: 0.98,
    loyalty: 0.5,
    campaigns: ["brand", "shopping", "generic"],
    referrers: ["https://www.google.com/"],
  },
  {
    name: "direct",
    share: 0.17,
    conversion: 0.031,
    acquires: 0.2,
    basket: 1.16,
    loyalty: 1.0,
    campaigns: [],
    referrers: [],
  },
  {
    name: "email",
    share: 0.05,
    conversion: 0.083,
    acquires: 0.06,
    basket: 1.02,
    loyalty: 0.8,
    campaigns: ["newsletter", "back-in-stock", "cart-reminder"],
    referrers: [],
  },
  {
    name: "referral",
    share: 0.04,
    conversion: 0.025,
    acquires: 0.4,
    basket: 1.0,
    loyalty: 0.6,
    campaigns: [],
    referrers: ["https://www.mumsnet.com/", "https://www.moneysavingexpert.com/"],
  },
  {
    name: "affiliate",
    share: 0.04,
    conversion: 0.022,
    acquires: 0.45,
    basket: 0.94,
    loyalty: 0.4,
    campaigns: ["voucher-site", "cashback"],
    referrers: ["https://www.vouchercodes.co.uk/", "https://www.topcashback.co.uk/"],
  },
];
