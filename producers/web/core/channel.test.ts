import { expect, test } from "vitest";
import { channelOf } from "./channel.ts";

const SHOP = "shop.example";
const of = (search: string, referrer = ""): string => channelOf(new URLSearchParams(search), referrer, SHOP).channel;

test.each([
  ["", "", "direct"],
  ["", "https://shop.example/cart", "direct"],
  ["", "https://www.google.com/", "search"],
  ["", "https://duckduckgo.com/", "search"],
  ["", "https://mail.google.com/", "email"],
  ["", "android-app://com.google.android.gm/", "email"],
  ["", "https://www.instagram.com/", "social"],
  ["", "https://t.co/abc", "social"],
  ["", "https://www.mumsnet.com/talk", "referral"],
  ["", "https://notfacebook.com/", "referral"],
  ["utm_medium=email", "https://www.google.com/", "email"],
  ["utm_source=Newsletter", "", "email"],
  ["utm_medium=cpc&utm_source=google", "https://www.google.com/", "paid"],
  ["utm_medium=Paid-Social&utm_source=facebook", "", "paid"],
  ["gclid=abc", "https://www.google.com/", "paid"],
  ["utm_medium=social", "", "social"],
  ["utm_medium=organic", "", "search"],
  ["utm_source=partner", "", "referral"],
  ["utm_source=partner", "https://www.bing.com/", "search"],
  ["page=2", "", "direct"],
])("?%s after %s is %s", (search, referrer, channel) => {
  expect(of(search, referrer)).toBe(channel);
});

test("the campaign is the address's, cut to what an event may say", () => {
  const campaign = (search: string): string | undefined => channelOf(new URLSearchParams(search), "", SHOP).campaign;
  expect(campaign("utm_campaign=spring")).toBe("spring");
  expect(campaign("")).toBeUndefined();
  expect(campaign(`utm_campaign=${"x".repeat(300)}`)).toHaveLength(200);
});
