// Where the local stack keeps its things: one ignored folder at the root of the checkout.
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "..");
export const HOME = join(ROOT, ".tidemark");
export const DATA = join(HOME, "data");
export const LOGS = join(HOME, "log");
