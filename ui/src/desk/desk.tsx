// What every desk page has: navigation, the theme's switch, and a line that says when its data are in doubt.
import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { initialTheme, setTheme, theme, toggleTheme } from "../wall/theme.ts";
import type { Polled } from "./poll.ts";
import "./desk.css";

const PAGES: readonly { path: string; title: string }[] = [
  { path: "/wall", title: "Wall" },
  { path: "/history", title: "History" },
  { path: "/status", title: "Status" },
];

export interface DeskProps {
  readonly title: string;
  /** What the page stands on: says by itself when it is awaited, in doubt or cannot be had. */
  readonly polled: Polled<unknown>;
  readonly bar?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Desk({ title, polled, bar, children }: DeskProps): preact.JSX.Element {
  const { path } = useLocation();
  useEffect(() => {
    setTheme(initialTheme("desk"));
    document.title = `${title} · Tidemark`;
    const pressed = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLSelectElement || event.target instanceof HTMLInputElement;
      if (!typing && !event.ctrlKey && !event.metaKey && (event.key === "t" || event.key === "T")) toggleTheme();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [title]);
  return (
    <div class="desk">
      <header class="top">
        <a class="brand" href="/wall">
          <svg viewBox="0 0 32 24" aria-hidden="true">
            <path d="M3 15c4-6 8-6 13 0s9 6 13 0" />
            <path class="mark" d="M3 4h26" />
          </svg>
          Tidemark
        </a>
        <nav aria-label="Pages">
          {PAGES.map((page) => (
            <a key={page.path} href={page.path} aria-current={page.path === path ? "page" : undefined}>
              {page.title}
            </a>
          ))}
        </nav>
        <button type="button" class="quiet" onClick={toggleTheme} title="T">
          {theme.value === "dark" ? "Light" : "Dark"}
        </button>
      </header>
      <main>
        <div class="bar">
          <h1>{title}</h1>
          {bar}
        </div>
        {polled.error !== null && (
          <p class="in-doubt" role="alert">
            ▼ {polled.error} {polled.data === null ? "Nothing can be shown yet." : "What is shown may be out of date."}
          </p>
        )}
        <div class="content">
          {polled.data === null && polled.error === null && <p class="empty">Asking the gateway…</p>}
          {children}
        </div>
      </main>
    </div>
  );
}
