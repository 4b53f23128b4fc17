import type { Delta } from "./figures.ts";

/** The shape is the direction, the colour the judgement, the fill the evidence; noise is hollow and muted. */
export function DeltaMark({ delta }: { delta: Delta }): preact.JSX.Element {
  const { up, text, judgement, solid } = delta;
  const colour = solid && judgement !== "neither" ? judgement : "noise";
  const shape = up ? "M10 2 L19 17 L1 17 Z" : "M1 3 L19 3 L10 18 Z";
  return (
    <span class={`delta ${colour}`}>
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <path
          d={shape}
          fill={solid ? "currentColor" : "none"}
          stroke="currentColor"
          stroke-width="2.4"
          stroke-linejoin="round"
        />
      </svg>
      <span class="visually-hidden">{up ? "up" : "down"}</span>
      {text}
    </span>
  );
}
