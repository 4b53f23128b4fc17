import { useLayoutEffect, useRef } from "preact/hooks";

export interface FactsDialogProps {
  readonly title: string;
  /** Term and text, one row each; or several lines of text. */
  readonly facts: readonly (readonly [term: string, text: string | readonly string[]])[];
  readonly onClose: () => void;
}

/** A modal list of facts; Escape or its button closes it. */
export function FactsDialog({ title, facts, onClose }: FactsDialogProps): preact.JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the page is painted: a key pressed at once finds the dialog open.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="explain" onClose={onClose} aria-labelledby="facts-title">
      <h2 id="facts-title">{title}</h2>
      <dl>
        {facts.map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            {[text].flat().map((line) => (
              <dd key={line}>{line}</dd>
            ))}
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
