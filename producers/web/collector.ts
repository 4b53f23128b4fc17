// The collector, as a page reaches it: never with cookies, never for ever, never an exception.
import type { ClockAnswer, CollectAnswer } from "../contract/collect.ts";

export interface Asked<T> {
  /** null: no answer that can be used. */
  readonly answer: T | null;
  readonly sent: number;
  readonly received: number;
  /** The collector asks to be left alone for so long, ms. */
  readonly wait: number;
}

/** A text as body goes as text/plain, which needs no preflight. */
async function ask<T>(url: string, within: number, request?: RequestInit): Promise<Asked<T>> {
  const sent = Date.now();
  let answer: T | null = null;
  let wait = 0;
  try {
    const signal = AbortSignal.timeout(within);
    const response = await fetch(url, { credentials: "omit", signal, ...request });
    wait = Number(response.headers.get("retry-after")) * 1000 || 0; // a date is not understood
    if (response.ok) answer = (await response.json()) as T;
  } catch {
    // no net, no collector, or not in time
  }
  return { answer, sent, received: Date.now(), wait };
}

export const askClock = (url: string): Promise<Asked<ClockAnswer>> => ask(`${url}/clock`, 3000);

export const sendEvents = (url: string, body: string): Promise<Asked<CollectAnswer>> =>
  ask(`${url}/collect`, 20_000, { method: "POST", body });

/** For a page that closes: there is no answer. False: the browser takes no more. */
export const sendBlindly = (url: string, body: string): boolean => navigator.sendBeacon(`${url}/collect`, body);
