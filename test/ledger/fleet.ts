import { createPublisher, type Publisher } from '../../tools/replay/publisher.ts';
import type { Ledger, Sent } from './ledger.ts';

export interface FleetOptions {
  port: number;
  devices: readonly { id: string; username: string; password: string; topic: string }[];
  ledger: Ledger;
  /** Time of a device's n-th message. */
  timeAt(n: number): number;
  /** Value of a device's n-th message. */
  valueAt(device: string, n: number): number;
  /** Messages of one device on their way at once. */
  window?: number;
}

/** Devices that number their messages, note them in the ledger before they send them, and never give up. */
export interface Fleet {
  /** Sends up to `total` messages of each device; resolves when all are acknowledged, or were when `stop` came. */
  run(total: number): Promise<void>;
  /** No new messages; those on their way are still delivered. */
  stop(): void;
  readonly acknowledged: number;
  destroy(): void;
}

export function createFleet(options: FleetOptions): Fleet {
  const { ledger, timeAt, valueAt, window = 100 } = options;
  const members = options.devices.map((device) => ({
    ...device,
    publisher: undefined as Publisher | undefined,
    next: 0,
    inFlight: 0,
  }));
  let acknowledged = 0;
  let stopped = false;
  let wake: () => void = () => undefined;

  const publish = (member: (typeof members)[number], { n, timeMs, value }: Sent) => {
    member.inFlight++;
    const body = JSON.stringify({ ts: timeMs, values: { pm25: value }, seq: n });
    member.publisher?.publish(member.topic, body).then(
      () => {
        ledger.acknowledged(member.id, n);
        acknowledged++;
        member.inFlight--;
        wake();
      },
      () => undefined,
    );
  };

  return {
    async run(total) {
      for (const member of members) {
        const { username, password } = member;
        member.publisher ??= createPublisher({
          url: `mqtt://127.0.0.1:${options.port}`,
          username,
          password,
          window,
        });
      }
      for (;;) {
        const due: [(typeof members)[number], Sent][] = [];
        for (const member of members) {
          while (!stopped && member.next < total && member.inFlight + countOf(due, member) < window) {
            const n = member.next++;
            due.push([member, { device: member.id, n, timeMs: timeAt(n), value: valueAt(member.id, n) }]);
          }
        }
        if (due.length > 0) ledger.sending(due.map(([, message]) => message));
        for (const [member, message] of due) publish(member, message);
        if (members.every(({ next, inFlight }) => inFlight === 0 && (stopped || next >= total))) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    stop() {
      stopped = true;
      wake();
    },
    get acknowledged() {
      return acknowledged;
    },
    destroy() {
      for (const { publisher } of members) publisher?.destroy();
    },
  };
}

function countOf<T>(due: readonly [T, unknown][], member: T): number {
  let count = 0;
  for (let i = due.length - 1; i >= 0 && due[i]?.[0] === member; i--) count++;
  return count;
}
