import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseMapping } from "./core/replay/mapping.ts";
import { MAPPING_HELP } from "./replay-mapping-help.ts";

test("the example in --help is a mapping that is read without complaint", () => {
  const indented = MAPPING_HELP.split("\n").filter((line) => line.startsWith("  "));
  const result = parseMapping(parse(indented.join("\n")));
  expect(result.ok ? result.mapping.columns.order : result.problems).toBe("Bestellnummer");
});
