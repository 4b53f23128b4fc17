import { expect, test } from "vitest";
import { clean } from "./clean.ts";

test.each([
  ["  home  &   garden ", "Home & Garden"],
  ["ELECTRONICS", "Electronics"],
  ["diy/tools", "Diy/Tools"],
  ["", "Unknown"],
  [null, "Unknown"],
])("category %j is shown as %s", (word, shown) => {
  expect(clean.category(word)).toBe(shown);
});

test.each([
  ["United Kingdom", "GB"],
  ["uk", "GB"],
  ["EIRE", "IE"],
  ["USA", "US"],
  ["RSA", "ZA"],
  ["de", "DE"],
  ["FRA", "FR"],
  ["  Germany ", "DE"],
  ["Channel Islands", "Unspecified"],
  ["European Community", "Unspecified"],
  ["Unspecified", "Unspecified"],
  ["", "Unspecified"],
])("country %j becomes %s", (word, code) => {
  expect(clean.country(word)).toBe(code);
});

test("a missing segment is Unknown, a missing channel unknown", () => {
  expect(clean.segment(null)).toBe("Unknown");
  expect(clean.segment(" vip ")).toBe("vip");
  expect(clean.channel(" E-Mail ")).toBe("e-mail");
  expect(clean.channel("")).toBe("unknown");
});

test("a crawler is a bot, a browser is not, and no user agent is a person", () => {
  expect(clean.bot("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")).toBe(true);
  expect(
    clean.bot("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"),
  ).toBe(false);
  expect(clean.bot(null)).toBe(false);
});
