/**
 * A media plane in a process of its own, to be killed: keeps one drawn camera running in the given folder.
 * Says `{"frames": n}` on stdout once its stream gives pictures.
 */
import { systemClock } from '../../core/clock.ts';
import { createMediaPlane, MediaSettings } from '../../streams/index.ts';
import { testLogger } from './logger.ts';

const [runDir = ''] = process.argv.slice(2);
const camera = { id: 'a', name: 'A', enabled: true, source: { kind: 'test-pattern', scene: 'road' } };
const plane = createMediaPlane({
  settings: MediaSettings.parse({ runDir, mediaDir: runDir, drainMs: 600_000, probeIntervalMs: 600_000 }),
  clock: systemClock,
  random: { next: () => 0.5 },
  logger: testLogger(),
  secrets: async () => undefined,
  health: { set: () => {}, items: () => [] },
  cameras: { byId: (id) => (id === 'a' ? camera : undefined), all: () => [camera] },
  onHealth: () => {},
});
await plane.start();
plane.play('a', { userId: 'u', sessionId: 's' });
setInterval(() => {
  const [session] = plane.status().sessions;
  if (session?.lastFrameAtMs !== undefined)
    console.log(JSON.stringify({ lastFrameAtMs: session.lastFrameAtMs }));
}, 100);
