// Dark or light: on the wall dark unless the address says otherwise, on a desk as the system wants; T changes it.
import { computed, signal } from "@preact/signals";
import { readInk, type Ink } from "../chart/ink.ts";

export type Theme = "dark" | "light";

export const theme = signal<Theme>("dark");

export function setTheme(value: Theme): void {
  document.documentElement.dataset["theme"] = value;
  theme.value = value;
}

export const toggleTheme = (): void => setTheme(theme.value === "dark" ? "light" : "dark");

/** The theme that the address or, for a desk, the system asks for. */
export function initialTheme(place: "wall" | "desk"): Theme {
  const asked = new URLSearchParams(location.search).get("theme");
  if (asked === "dark" || asked === "light") return asked;
  return place === "desk" && matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

const ink = computed<Ink>(() => {
  void theme.value; // read anew when it changes
  return readInk();
});

/** The present theme's colours; the same object until the theme changes. */
export const useInk = (): Ink => ink.value;
