import { Aedes, type PublishPacket } from 'aedes';

type Done = (error?: Error) => void;

/**
 * aedes without its fan-out. A device's message has been committed by the time it gets here, and nobody is served
 * from the broker: what devices publish goes no further, so nothing of it is retained, queued or copied. The
 * broker's own `$SYS` heartbeat does go on; aedes needs it to know that stored wills belong to a living broker.
 */
export class DeviceBroker extends Aedes {
  override publish(packet: PublishPacket, second: unknown, third?: Done): void {
    if (typeof second === 'function') super.publish(packet, second as Done);
    else third?.();
  }
}
