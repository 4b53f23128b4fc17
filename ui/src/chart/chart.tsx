// uPlot under Preact. Size, data and options are handled apart: a new size or new data never makes a new chart.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface ChartProps {
  readonly width: number;
  readonly height: number;
  /** Columns: x ascending and unique, then one column a series; a gap is null. */
  readonly data: uPlot.AlignedData;
  /** Everything else. A new object makes a new chart, so it is kept as long as nothing in it changes. */
  readonly options: Omit<uPlot.Options, "width" | "height">;
}

export function Chart({ width, height, data, options }: ChartProps): preact.JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const made = useRef<ChartProps["options"] | null>(null);
  const shown = useRef<uPlot.AlignedData | null>(null);

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    if (made.current !== options) {
      chart.current?.destroy();
      chart.current = new uPlot({ ...options, width, height }, data, element);
      made.current = options;
      shown.current = data;
    }
    if (shown.current !== data) {
      chart.current!.setData(data);
      shown.current = data;
    }
    if (chart.current!.width !== width || chart.current!.height !== height) chart.current!.setSize({ width, height });
  });
  useEffect(
    () => () => {
      chart.current?.destroy();
      chart.current = null;
      made.current = null;
    },
    [],
  );
  return <div ref={place} />;
}
