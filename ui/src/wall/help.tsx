import { useEffect, useRef } from "preact/hooks";

const KEYS: [key: string, what: string][] = [
  ["T", "dark or light"],
  ["F", "full screen"],
  ["Enter", "explain the chosen number"],
  ["?", "this help"],
];

export function Help({ onClose }: { onClose: () => void }): preact.JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="explain" onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
