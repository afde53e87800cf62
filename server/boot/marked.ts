import type { AuditActor, AuditTrail } from '../../core/ports.ts';
import type { MarkedRequest } from '../http/index.ts';

/** Repeats of one sender become one entry and a count. */
const FOLD_MS = 60_000;

/** Keeps the fact that something marked as a state secret was refused: who sent it where and how many bytes. */
export function noteMarked(
  trail: AuditTrail,
  sender: MarkedRequest['caller'],
  facts: { source: string; bytes: number },
): void {
  const device = sender && 'deviceId' in sender ? sender.deviceId : undefined;
  const by: AuditActor | null = sender && !('deviceId' in sender) ? sender : null;
  void trail.note(
    {
      by,
      action: 'message.secret',
      object: device === undefined ? null : { type: 'device', id: device },
      after: facts,
    },
    { fold: { key: `message.secret ${device ?? by?.username ?? ''} ${facts.source}`, windowMs: FOLD_MS } },
  );
}
