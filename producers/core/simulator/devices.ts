// What people and programs browse with.
import type { Random } from "./random.ts";
import { weighted } from "./weighted.ts";

export interface Device {
  readonly name: string;
  readonly share: number;
  /** Conversion against the channel's own. Weighted by share these come to 1. */
  readonly converts: number;
  readonly userAgents: readonly string[];
}

const DEVICES: readonly Device[] = [
  {
    name: "mobile",
    share: 0.58,
    converts: 0.8,
    userAgents: [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
      "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36",
    ],
  },
  {
    name: "desktop",
    share: 0.36,
    converts: 1.339,
    userAgents: [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0",
    ],
  },
  {
    name: "tablet",
    share: 0.06,
    converts: 0.9,
    userAgents: [
      "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    ],
  },
];

export const pickDevice: (random: Random) => Device = weighted(DEVICES, (device) => device.share);

/** A robot that looks at many pages and buys nothing. */
export const ROBOT: Device = {
  name: "desktop",
  share: 0,
  converts: 0,
  userAgents: [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
  ],
};
