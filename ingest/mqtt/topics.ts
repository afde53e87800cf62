/** `ioc/v1/{site}/{device}/up|state|down`, segments of letters, digits, `_` and `-`. */
const TOPIC = /^ioc\/v1\/([A-Za-z0-9_-]{1,64})\/([A-Za-z0-9_-]{1,64})\/(up|state|down)$/;

export interface DeviceTopic {
  site: string;
  deviceId: string;
  leaf: 'up' | 'state' | 'down';
}

export function parseTopic(topic: string): DeviceTopic | undefined {
  const match = TOPIC.exec(topic);
  if (!match) return undefined;
  const [, site = '', deviceId = '', leaf] = match;
  return { site, deviceId, leaf: leaf as DeviceTopic['leaf'] };
}

/** What a device may publish to: its own `up` and `state`. Undefined = forbidden. */
export function publishLeaf(topic: string, device: { id: string; site: string }): 'up' | 'state' | undefined {
  const parsed = parseTopic(topic);
  if (!parsed || parsed.deviceId !== device.id || parsed.site !== device.site) return undefined;
  return parsed.leaf === 'down' ? undefined : parsed.leaf;
}

/** A device may listen to its own `down` and to nothing else: no wildcard, no `$SYS`, no shared subscription. */
export function maySubscribe(topic: string, device: { id: string; site: string }): boolean {
  const parsed = parseTopic(topic);
  return parsed?.leaf === 'down' && parsed.deviceId === device.id && parsed.site === device.site;
}
