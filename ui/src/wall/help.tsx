import { FactsDialog } from "./facts-dialog.tsx";

const KEYS = [
  ["T", "dark or light"],
  ["F", "full screen"],
  ["Enter", "explain the chosen number"],
  ["?", "this help"],
] as const;

export function Help({ onClose }: { onClose: () => void }): preact.JSX.Element {
  return <FactsDialog title="Keys" facts={KEYS} onClose={onClose} />;
}
