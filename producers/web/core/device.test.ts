import { expect, test } from "vitest";
import { deviceOf } from "./device.ts";

const MAC =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15";
const LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36";

test.each([
  [
    "an iPhone",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    5,
    390,
    "mobile",
  ],
  [
    "an Android phone",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/137.0.0.0 Mobile Safari/537.36",
    5,
    412,
    "mobile",
  ],
  [
    "an Android tablet",
    "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 Chrome/137.0.0.0 Safari/537.36",
    5,
    900,
    "tablet",
  ],
  ["an old iPad", "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", 5, 768, "tablet"],
  ["an iPad that calls itself a Mac", MAC, 5, 1024, "tablet"],
  ["a Mac", MAC, 0, 1440, "desktop"],
  ["a phone in desktop mode", LINUX, 5, 412, "mobile"],
  ["a laptop with a touch screen", LINUX, 10, 1440, "desktop"],
  ["a desktop with a small window", LINUX, 0, 500, "desktop"],
] as const)("%s", (_, userAgent, touchPoints, width, device) => {
  expect(deviceOf(userAgent, touchPoints, width)).toBe(device);
});
