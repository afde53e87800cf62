import type { AuditItem } from '../../../core/api/audit.ts';

const MINUTE_MS = 60_000;

/** A trail as a day in a centre leaves it, the latest first. */
export function makeTrail(nowMs: number): AuditItem[] {
  const entry = (n: number, more: Partial<AuditItem> & Pick<AuditItem, 'action'>): AuditItem => ({
    chain: 'centre',
    seq: 400 - n,
    at: new Date(nowMs - n * 7 * MINUTE_MS).toISOString(),
    actor: { id: 'u1', name: 'linh.tran' },
    onBehalfOf: null,
    sessionId: 'Zs81-kQ',
    ip: '10.20.4.31',
    object: null,
    areaId: null,
    areaName: null,
    domain: null,
    agencyId: null,
    class: null,
    before: null,
    after: null,
    reason: null,
    requestId: 'b8e5f2d4-5f0e-4c62-9a34-0f4f5f1f1c11',
    hash: 'c9'.repeat(32),
    ...more,
  });
  return [
    entry(0, {
      action: 'device.change',
      object: { type: 'device', id: 'air-quality-02', name: 'Trạm không khí KK 02' },
      areaId: 'area-M0',
      areaName: 'Phường Một',
      class: 'internal',
      before: { name: 'Trạm không khí KK 2', expectedIntervalS: 60, position: [105.15, 9.18] },
      after: { name: 'Trạm không khí KK 02', expectedIntervalS: 120, position: [105.152, 9.181] },
    }),
    entry(1, {
      action: 'alert.resolve',
      actor: { id: 'u2', name: 'minh.le' },
      onBehalfOf: { id: 'u9', name: 'hoa.nguyen' },
      object: { type: 'alert', id: '101', name: 'PM2,5 vượt ngưỡng 3 giờ' },
      before: { state: 'acknowledged' },
      after: { state: 'closed' },
      reason: 'Đã phun nước đường, chỉ số về dưới ngưỡng',
    }),
    entry(2, {
      action: 'camera.view_end',
      object: { type: 'camera', id: 'cam-12', name: 'Camera cầu Rạch Sậy' },
      after: { from: new Date(nowMs - 20 * MINUTE_MS).toISOString(), seconds: 318 },
    }),
    entry(3, {
      action: 'signin.failure',
      actor: { id: '', name: '?' },
      ip: '203.113.9.4',
      sessionId: null,
      after: { userAgent: 'Mozilla/5.0', count: 41 },
    }),
    entry(4, { action: 'signin.success', after: { how: 'password, totp' } }),
    ...Array.from({ length: 30 }, (_, n) =>
      entry(5 + n, {
        action: n % 3 === 0 ? 'dispatch.step' : 'alert.acknowledge',
        object:
          n % 3 === 0
            ? { type: 'dispatch', id: String(n), name: 'Tổ môi trường 1' }
            : { type: 'alert', id: String(100 + n), name: 'Độ mặn vượt 4 ‰' },
        before: { state: 'unacknowledged' },
        after: { state: 'acknowledged' },
      }),
    ),
  ];
}

/** What a search over these entries is made of. */
export function facetsOf(trail: readonly AuditItem[]) {
  const count = (of: (item: AuditItem) => string | undefined) => {
    const counts = new Map<string, number>();
    for (const item of trail) {
      const id = of(item);
      if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return [...counts].map(([id, number]) => ({ id, count: number }));
  };
  return {
    rows: trail.length,
    isCut: false,
    actions: count((item) => item.action),
    objects: count((item) => item.object?.type),
    chains: count((item) => item.chain),
    actors: count((item) => item.actor.name),
  };
}

/** Anchored a moment ago, verified this night. */
export const auditStatus = (nowMs: number) => ({
  anchors: {
    state: 'ok',
    message: null,
    lastAt: new Date(nowMs - 40_000).toISOString(),
    keyId: '0123456789abcdef',
    target: null,
  },
  verified: { at: new Date(nowMs - 5 * 3_600_000).toISOString(), ok: true, rows: 48_213, bad: [] },
  keepMonths: 12,
  guard: 'owner',
});
