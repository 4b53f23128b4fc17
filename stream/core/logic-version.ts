/**
 * Changes with every change of what an event does. State of another version is never continued: the worker stops and says
 * which backfill to run.
 */
export const LOGIC_VERSION = 3;
