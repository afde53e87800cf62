import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { quantityName, quantityUnit } from '../i18n/format.ts';
import { useTexts } from '../i18n/index.ts';
import { useUi } from '../state/index.ts';
import { TOKENS } from '../theme/index.ts';
import css from './chart.module.css';
import { makeOptions } from './chart-options.ts';

/** Columns of equal length; times in epoch ms, ascending; null = a gap, drawn as one. */
export interface Series {
  timesMs: readonly number[];
  values: readonly (number | null)[];
  /** Envelope of aggregated points. */
  min?: readonly (number | null)[];
  max?: readonly (number | null)[];
}

export interface ChartProps {
  quantity: string;
  series: Series;
  fromMs: number;
  toMs: number;
  height: number;
  /** The limit of the rule, drawn as a dashed line and kept in sight. */
  limit?: number | null;
  /** Moments to mark: when it was raised, when it cleared. */
  marks?: readonly { timeMs: number; strong: boolean }[];
}

/** One quantity over time. Reads as a table of three numbers for screen readers. */
export function Chart({ quantity, series, fromMs, toMs, height, limit = null, marks = [] }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = useUi((state) => state.theme);
  const { language, timeZone, t } = useTexts();
  const markKey = marks.map((mark) => `${mark.timeMs}${mark.strong}`).join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: data and range follow below without a rebuild
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new uPlot(
      makeOptions({
        quantity,
        language,
        timeZone,
        palette: TOKENS[theme],
        limit,
        marks,
        banded: series.min !== undefined,
        width: element.clientWidth,
        height,
      }),
      columns(series),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [quantity, language, timeZone, theme, limit, markKey, height, series.min !== undefined]);

  useEffect(() => {
    const made = plot.current;
    if (!made) return;
    made.batch(() => {
      made.setData(columns(series), false);
      made.setScale('x', { min: fromMs / 1000, max: toMs / 1000 });
    });
  }, [series, fromMs, toMs]);

  const name = quantityName(quantity, language);
  const unit = quantityUnit(quantity, language);
  return (
    <div className={css.chart}>
      <div className={css.head}>
        <span>
          {name}
          {unit && ` · ${unit}`}
        </span>
      </div>
      <div
        ref={box}
        role="img"
        aria-label={`${name}: ${t('chart.points', { count: series.timesMs.length })}`}
      />
    </div>
  );
}

function columns({ timesMs, values, min, max }: Series): uPlot.AlignedData {
  const x = timesMs.map((ms) => ms / 1000);
  return min && max ? [x, [...values], [...min], [...max]] : [x, [...values]];
}
