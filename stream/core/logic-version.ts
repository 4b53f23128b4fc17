/** Changes with every change of what an event does. State of another version is never continued: the worker stops and says the cure. */
export const LOGIC_VERSION = 4;
