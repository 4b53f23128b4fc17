// A program of ours as one file, so that starting it takes a third of the CPU: what is killed a thousand times is started as often.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { ROOT } from "../../local/paths.ts";

/** `main` is relative to the project, `name` nobody else's. Resolves with a path for Node to run; whoever asked deletes the file. */
export async function bundle(main: string, name: string): Promise<string> {
  const outfile = join(ROOT, ".tidemark/bundles", `${name}.mjs`);
  await build({
    entryPoints: [join(ROOT, main)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    sourcemap: "inline",
    logLevel: "error",
    plugins: [{ name: "own places", setup: (plugin) => plugin.onLoad({ filter: /\.ts$/ }, ({ path }) => load(path)) }],
  });
  return outfile;
}

/** A file that looks for others beside itself finds them where it lies, not where the bundle does. */
async function load(path: string): Promise<{ loader: "ts"; contents: string }> {
  const text = await readFile(path, "utf8");
  const contents = text
    .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href))
    .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)));
  return { loader: "ts", contents };
}
