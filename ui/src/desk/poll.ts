// Asking the gateway now and then: what it said last, and what went wrong since.
import { useEffect, useState } from "preact/hooks";

export interface Polled<T> {
  /** The last good answer; null: there was none yet. */
  readonly data: T | null;
  /** What is wrong now, in words; null: nothing. */
  readonly error: string | null;
}

const TIMEOUT_MS = 5000;

/** Asks at once and then every `everyMs`; a new url asks anew. */
export function usePolled<T>(url: string, everyMs: number): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ data: null, error: null });
  useEffect(() => {
    let ended = false;
    let timer = 0;
    const ask = async (): Promise<void> => {
      const error = await askOnce<T>(url).then(
        (data) => {
          if (!ended) setPolled({ data, error: null });
          return null;
        },
        (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)),
      );
      if (ended) return;
      if (error !== null) setPolled((before) => ({ ...before, error }));
      timer = window.setTimeout(() => void ask(), everyMs);
    };
    setPolled({ data: null, error: null });
    void ask();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [url, everyMs]);
  return polled;
}

async function askOnce<T>(url: string): Promise<T> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => null);
  if (answer === null) throw new Error("The gateway does not answer.");
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => null)) as { detail?: string } | null;
  throw new Error(problem?.detail ?? `The gateway answered ${answer.status}.`);
}
