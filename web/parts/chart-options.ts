import type uPlot from 'uplot';
import type { Language } from '../../core/format.ts';
import { describeQuantity } from '../../core/quantities.ts';
import { clockTime, dayMonth, fixed } from '../i18n/format.ts';
import type { Palette } from '../theme/index.ts';

export interface ChartLook {
  quantity: string;
  language: Language;
  timeZone: string;
  palette: Palette;
  limit: number | null;
  marks: readonly { timeMs: number; strong: boolean }[];
  /** Whether columns 2 and 3 are the lowest and highest value of each point. */
  banded: boolean;
  width: number;
  height: number;
}

const FONT = '11px "Be Vietnam Pro", system-ui, sans-serif';

export function makeOptions(look: ChartLook): uPlot.Options {
  const { palette, language, timeZone, limit } = look;
  const { decimals } = describeQuantity(look.quantity);
  const axis = { stroke: palette.muted, font: FONT, ticks: { show: false } } satisfies uPlot.Axis;
  return {
    width: look.width,
    height: look.height,
    padding: [8, 18, 0, 0],
    legend: { show: true, live: true },
    cursor: { y: false, points: { size: 6, fill: palette.lamp }, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_plot, low, high) => roomy(low, high, limit) } },
    axes: [
      {
        ...axis,
        size: 24,
        space: 64,
        grid: { show: false },
        values: (_plot, splits, _axis, _space, stepS) =>
          splits.map((s) =>
            stepS >= 86_400 ? dayMonth(s * 1000, timeZone) : clockTime(s * 1000, timeZone).slice(0, 5),
          ),
      },
      {
        ...axis,
        size: 46,
        space: 26,
        grid: { stroke: palette.line, width: 1 },
        values: (_plot, splits) => splits.map((value) => fixed(value, decimalsOf(splits), language)),
      },
    ],
    series: [
      {
        value: (_plot, s: number | null) =>
          s === null ? '' : `${dayMonth(s * 1000, timeZone)} ${clockTime(s * 1000, timeZone)}`,
      },
      {
        stroke: palette.text,
        width: 1.5,
        spanGaps: false,
        points: { show: false },
        value: (_plot, value: number | null) => (value === null ? '' : fixed(value, decimals, language)),
      },
      ...(look.banded
        ? [
            { stroke: 'transparent', points: { show: false }, value: () => '' },
            { stroke: 'transparent', points: { show: false }, value: () => '' },
          ]
        : []),
    ],
    ...(look.banded ? { bands: [{ series: [3, 2] as [number, number], fill: `${palette.ok}40` }] } : {}),
    hooks: { draw: [(plot) => drawLimitAndMarks(plot, look)] },
  };
}

/** Keeps the limit in sight and a flat line off the walls. */
function roomy(low: number | null, high: number | null, limit: number | null): [number, number] {
  const values = [low, high, limit].filter(
    (value): value is number => value !== null && Number.isFinite(value),
  );
  if (values.length === 0) return [0, 1];
  const [bottom, top] = [Math.min(...values), Math.max(...values)];
  const pad = (top - bottom || Math.abs(top) || 1) * 0.1;
  return [bottom >= 0 ? Math.max(0, bottom - pad) : bottom - pad, top + pad];
}

function decimalsOf(splits: readonly number[]): number {
  const step = Math.abs((splits[1] ?? 0) - (splits[0] ?? 0));
  return step === 0 || step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step)));
}

function drawLimitAndMarks(plot: uPlot, { palette, limit, marks }: ChartLook): void {
  const { ctx, bbox } = plot;
  const line = (x1: number, y1: number, x2: number, y2: number) => {
    ctx.beginPath();
    ctx.moveTo(x1, y1);
    ctx.lineTo(x2, y2);
    ctx.stroke();
  };
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineWidth = devicePixelRatio * 1.25;
  if (limit !== null) {
    const y = plot.valToPos(limit, 'y', true);
    ctx.strokeStyle = palette.critical;
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
    line(bbox.left, y, bbox.left + bbox.width, y);
  }
  for (const mark of marks) {
    const x = plot.valToPos(mark.timeMs / 1000, 'x', true);
    ctx.strokeStyle = mark.strong ? palette.lamp : palette.faint;
    ctx.setLineDash([]);
    line(x, bbox.top, x, bbox.top + bbox.height);
  }
  ctx.restore();
}
