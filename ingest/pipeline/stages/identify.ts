import { AppError } from '../../../core/errors.ts';
import type { Job, StageContext } from '../job.ts';

/** Credential → device and type. Who it is was settled by the front; nothing in the payload can change it. */
export function identify(job: Job, context: StageContext): void {
  const device = context.devices.byId(job.message.deviceId);
  if (!device) throw new AppError('device.unknown');
  if (!device.enabled) throw new AppError('device.disabled');
  job.device = device;
  job.type = context.deviceTypes.get(device.type);
  if (!job.type) throw new AppError('device.unknown', { detail: `no device type called ${device.type}` });
}
