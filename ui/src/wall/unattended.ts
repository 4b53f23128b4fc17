// What a screen that nobody attends needs: no burnt-in picture, no cursor, no sleep.
const SHIFT_EVERY_MS = 3 * 60_000;
const CURSOR_MS = 5000;
const SHIFTS: readonly [number, number][] = [
  [0, 0],
  [8, 4],
  [4, -8],
  [-8, -4],
  [-4, 8],
];

/** Moves the canvas by a few px now and then, hides the cursor, keeps the screen awake. Answers what ends it. */
export function unattended(canvas: HTMLElement): () => void {
  let turn = 0;
  const shift = setInterval(() => {
    const [x, y] = SHIFTS[++turn % SHIFTS.length]!;
    canvas.style.translate = `${x}px ${y}px`;
  }, SHIFT_EVERY_MS);

  let cursor = 0;
  const moved = (): void => {
    document.body.style.cursor = "";
    clearTimeout(cursor);
    cursor = window.setTimeout(() => (document.body.style.cursor = "none"), CURSOR_MS);
  };
  addEventListener("mousemove", moved);
  moved();

  let lock: WakeLockSentinel | null = null;
  const awake = (): void => {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    navigator.wakeLock.request("screen").then(
      (held) => (lock = held),
      () => undefined, // not allowed here: the screen's own settings decide
    );
  };
  document.addEventListener("visibilitychange", awake);
  awake();

  return () => {
    clearInterval(shift);
    clearTimeout(cursor);
    removeEventListener("mousemove", moved);
    document.removeEventListener("visibilitychange", awake);
    document.body.style.cursor = "";
    void lock?.release();
  };
}
