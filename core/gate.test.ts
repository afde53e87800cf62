import { describe, expect, it } from 'vitest';
import { createGate } from './gate.ts';

describe('a gate', () => {
  it('runs at most two at a time, keeps the others waiting in order, and refuses beyond the queue', async () => {
    const gate = createGate(2, 3, () => new Error('full'));
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const releases: (() => void)[] = [];
    const job = (n: number) => async () => {
      running++;
      most = Math.max(most, running);
      order.push(n);
      await new Promise<void>((resolve) => releases.push(resolve));
      running--;
      return n;
    };
    const jobs = [0, 1, 2, 3, 4].map((n) => gate.run(job(n)));
    await expect(gate.run(job(5))).rejects.toThrow('full');
    const done = Promise.all(jobs);
    for (let released = 0; released < 5; ) {
      const release = releases.shift();
      if (release) {
        release();
        released++;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await done).toEqual([0, 1, 2, 3, 4]);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(2);
  });

  it('gives the place on when a job fails', async () => {
    const gate = createGate(1, 1, () => new Error('full'));
    const failed = gate.run(() => Promise.reject(new Error('no')));
    const next = gate.run(async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
    expect(await gate.run(async () => 'again')).toBe('again');
  });

  it('takes a place back once, however often it is given back', async () => {
    const gate = createGate(1, 1);
    const leave = await gate.enter();
    const second = gate.enter();
    leave();
    leave();
    await second;
    const third = gate.enter();
    await expect(gate.enter()).rejects.toMatchObject({ code: 'request.too_many' });
    (await second)();
    await third;
  });
});
