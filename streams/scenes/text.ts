import { WIDTH } from './draw.ts';

/**
 * Escapes a text for `drawtext=text=…` with `expansion=none`: once for the option, once for the graph.
 * Control characters go, and what is too long for the picture is cut.
 */
export function escapeText(text: string, maxLength = 56): string {
  const clean = [...text.normalize('NFC').replace(/\p{C}+/gu, ' ')].slice(0, maxLength).join('').trim();
  const option = clean.replace(/[\\':]/g, '\\$&');
  return option.replace(/[\\'[\],;]/g, '\\$&');
}

/** Name and label, drawn once; a dark plate keeps them legible on any sky. */
export function captions(name: string, fontFile: string): string {
  const font = `fontfile=${escapeText(fontFile, 500)}`;
  const plate = 'box=1:boxcolor=0x000000@0.45:boxborderw=5';
  return [
    `drawtext=${font}:expansion=none:text=${escapeText(name)}:x=12:y=12:fontsize=17:fontcolor=0xffffff@0.95:${plate}`,
    `drawtext=${font}:expansion=none:text=${escapeText('mô phỏng')}:x=${WIDTH}-tw-12:y=42:fontsize=12:fontcolor=0xffffff@0.8:${plate}`,
  ].join(',');
}

/** The running clock, from the time of the first frame: `startS` already shifted to local time. */
export function clockText(startS: number, fontFile: string): string {
  const expression = `%{pts:gmtime:${Math.floor(startS)}:%d/%m/%Y %T}`;
  // Expansion is on here, so its own colons need a level more.
  const text = expression.replace(/:/g, '\\\\:').replace(/[,'[\];]/g, '\\$&');
  return `drawtext=fontfile=${escapeText(fontFile, 500)}:text=${text}:x=${WIDTH}-tw-12:y=12:fontsize=15:fontcolor=0xffffff@0.95:box=1:boxcolor=0x000000@0.45:boxborderw=5`;
}
