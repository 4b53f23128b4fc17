// A small shop on an origin of its own, with the README's snippet pasted in. Every address shows a page.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";
import { ROOT } from "../../local/paths.ts";
import { listen } from "../../runtime/http-server.ts";

export interface ShopPage {
  readonly url: string;
  /** What the pages give to init; changes hold for the next page that is loaded. */
  options: { store: string; url: string } & Record<string, unknown>;
  stop(): Promise<void>;
}

/** As it is to be pasted. */
const SNIPPET = /```html\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, "README.md"), "utf8"))![1]!;

export async function startShopPage(): Promise<ShopPage> {
  const shop = { options: { store: "shop", url: "" } as ShopPage["options"] };
  const pasted = (): string =>
    SNIPPET.replace(/\{ store: .*? \}/, JSON.stringify(shop.options)).replace(
      "https://collect.example.com",
      shop.options.url,
    );
  const app = new Hono().get("*", (c) =>
    c.html(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">
${pasted()}</head><body><h1>${c.req.path}</h1><a href="/lamps">Lamps</a></body></html>`),
  );
  const { port, drain, destroySockets } = await listen(app.fetch, "127.0.0.1", 0, "COLLECTOR_PORT");
  return Object.assign(shop, {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      const drained = drain();
      destroySockets();
      await drained;
    },
  });
}
