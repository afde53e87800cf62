import type { Severity } from '../../core/api/common.ts';
import { useArrivals, useUi } from '../state/index.ts';

/**
 * One tone per severity, told apart by number and height of the notes rather than by loudness
 * (after the idea of ISO 60601-1-8's groups: more notes and higher = more urgent).
 */
const TONES: Record<Severity, { notesHz: readonly number[]; noteS: number; gain: number }> = {
  critical: { notesHz: [880, 988, 1175, 880, 988], noteS: 0.13, gain: 0.2 },
  major: { notesHz: [659, 784, 659], noteS: 0.16, gain: 0.15 },
  minor: { notesHz: [523, 587], noteS: 0.18, gain: 0.1 },
  info: { notesHz: [440], noteS: 0.2, gain: 0.06 },
};
/** Alarms of one flood ring once. */
const GAP_MS = 1500;
const SILENCE_MS = 10 * 60_000;

let context: AudioContext | undefined;
let lastMs = 0;

/** Browsers allow sound only after a gesture; the first click or key of the shift unlocks it. */
export function startSound(): () => void {
  const unlock = () => {
    context ??= new AudioContext();
    void context.resume();
  };
  addEventListener('pointerdown', unlock);
  addEventListener('keydown', unlock);
  const stop = useArrivals.subscribe(({ latest }, before) => {
    if (latest && latest.serial !== before.latest?.serial) ring(latest.severity);
  });
  return () => {
    removeEventListener('pointerdown', unlock);
    removeEventListener('keydown', unlock);
    stop();
  };
}

function ring(severity: Severity): void {
  const { sound, mutedUntilMs } = useUi.getState();
  const now = Date.now();
  const urgent = severity === 'critical';
  if (!sound || (mutedUntilMs !== null && now < mutedUntilMs)) return;
  if (context?.state !== 'running' || (!urgent && now - lastMs < GAP_MS)) return;
  lastMs = now;
  const { notesHz, noteS, gain } = TONES[severity];
  notesHz.forEach((frequency, n) => {
    if (!context) return;
    const startS = context.currentTime + n * noteS;
    const oscillator = new OscillatorNode(context, { type: 'triangle', frequency });
    const volume = new GainNode(context, { gain: 0 });
    // Short ramps: a hard edge clicks.
    volume.gain.linearRampToValueAtTime(gain, startS + 0.015);
    volume.gain.setValueAtTime(gain, startS + noteS * 0.7);
    volume.gain.linearRampToValueAtTime(0, startS + noteS);
    oscillator.connect(volume).connect(context.destination);
    oscillator.start(startS);
    oscillator.stop(startS + noteS);
  });
}

/** Silences the tones for a while; the silence ends by itself. Asked again, it ends now. */
export function toggleSilence(nowMs: number): void {
  useUi.setState(({ mutedUntilMs }) => ({
    mutedUntilMs: mutedUntilMs !== null && nowMs < mutedUntilMs ? null : nowMs + SILENCE_MS,
  }));
}
