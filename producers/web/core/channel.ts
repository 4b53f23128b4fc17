// Where a visit comes from: what its address says (utm_…, click ids), else the page before it.

export interface Origin {
  readonly channel: string;
  readonly campaign: string | undefined;
}

type Table = readonly (readonly [channel: string, pattern: RegExp])[];

/** What links are tagged with: by those who send letters and posts, and by those who sell clicks. */
const TAGS = ["utm_medium", "utm_source", "gclid", "msclkid"];

/** The tags and their words, and what they stand for. The first that fits. */
const WORDS: Table = [
  ["paid", /cp[acm]|ppc|paid|display|gclid|msclkid/],
  ["email", /mail|newsletter/],
  ["social", /social|facebook|instagram|tiktok/],
  ["search", /search|organic/],
];

/** The host of the page before, and what it stands for. */
const HOSTS: Table = [
  ["email", /mail\.|outlook\.|\.gm$/], // android.gm is an app
  ["social", /(^|\.)(facebook|instagram|tiktok|pinterest|linkedin|reddit|youtube|twitter|x|t)\.com?$/],
  ["search", /(^|\.)(google|bing|duckduckgo|ecosia|yahoo|baidu|yandex)\./],
];

/** `host` is the shop's own: a page of the shop before this one is no source. */
export function channelOf(query: URLSearchParams, referrer: string, host: string): Origin {
  const words = TAGS.map((tag) => (query.has(tag) ? `${tag} ${query.get(tag)}` : ""))
    .join("")
    .toLowerCase();
  const before = hostOf(referrer) === host ? "" : hostOf(referrer);
  return {
    channel: first(WORDS, words) ?? first(HOSTS, before) ?? (words || before ? "referral" : "direct"),
    campaign: query.get("utm_campaign")?.slice(0, 200),
  };
}

const first = (table: Table, word: string): string | undefined => table.find(([, pattern]) => pattern.test(word))?.[0];

/** "" where there is none. */
const hostOf = (url: string): string => url.split("/")[2] ?? "";
