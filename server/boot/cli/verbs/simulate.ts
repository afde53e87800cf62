import { Device, DeviceCredential } from '../../../../core/api/devices.ts';
import { systemClock } from '../../../../core/clock.ts';
import { createWorld, loadDeviceTypes, nextSendMs } from '../../../../devices/index.ts';
import { createModem } from '../../demo/index.ts';
import { createLogger } from '../../logger.ts';
import { withClient } from '../client.ts';
import { text, UsageError, type Verb } from '../contract.ts';

/** The world of one simulated device needs a seed; any will do, as long as it stays. */
const SEED = 1;

const verb: Verb = {
  summary: 'send what a registered device would measure, as that device, until Ctrl-C',
  usage: '<device> (--password <password> | --renew) [--every <seconds>] [--count <messages>]',
  options: {
    password: { type: 'string' },
    renew: { type: 'boolean' },
    every: { type: 'string' },
    count: { type: 'string' },
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals, values }) {
    const id = encodeURIComponent(positionals[0] ?? '');
    const password = text(values.password);
    if ((password === undefined) === (values.renew !== true))
      throw new UsageError('give the device’s password, or --renew to make a new credential');
    const every = Number(text(values.every) ?? Number.NaN);
    const count = Number(text(values.count) ?? Number.POSITIVE_INFINITY);
    if (!(count > 0) || (text(values.every) !== undefined && !(every > 0)))
      throw new UsageError('--every and --count are positive numbers');

    return await withClient(
      async ({ call, control }) => {
        const device = Device.parse(await call('GET', `/devices/${id}`));
        const type = (await loadDeviceTypes()).get(device.type);
        if (!type || control.mqttPort === null) throw new Error('the device front is not open');
        const credential =
          password === undefined
            ? DeviceCredential.parse(await call('POST', `/devices/${id}/credential`))
            : { username: device.id, password, topic: `ioc/v1/${device.site}/${device.id}/up` };
        const position = device.position ?? [0, 0];
        const world = createWorld({ seed: SEED, centre: position, episodes: [] });
        const intervalS = Number.isFinite(every)
          ? every
          : (device.expectedIntervalS ?? type.expectedIntervalS);
        const modem = createModem({
          host: '127.0.0.1',
          port: control.mqttPort,
          deviceId: device.id,
          credential,
          logger: createLogger('warn'),
        });
        let stopped = false;
        const stop = new Promise<void>((resolve) => {
          process.once('SIGINT', () => {
            stopped = true;
            resolve();
          });
        });
        await Promise.race([modem.connected(), stop]);
        for (let sent = 0; sent < count && !stopped; sent++) {
          const timeMs = systemClock.now();
          const body = type.simulate({
            seed: SEED,
            deviceId: device.id,
            timeMs,
            position,
            intervalS,
            world,
            properties: device.properties,
          });
          await modem.deliver(body);
          console.log(JSON.stringify(body));
          if (sent + 1 >= count) break;
          const nextMs = nextSendMs(SEED, device.id, intervalS, timeMs);
          await Promise.race([
            new Promise<void>((resolve) =>
              systemClock.after(Math.max(0, nextMs - systemClock.now()), resolve),
            ),
            stop,
          ]);
        }
        await modem.close();
        return 0;
      },
      { mustRun: true },
    );
  },
};
export default verb;
