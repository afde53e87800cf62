import type { Unit } from '../../core/api/dispatch.ts';
import { AUDIENCES, type EventMap, type LiveTopic } from '../../core/events.ts';
import { maskedCamera, maySeeAddress, maySeeCamera } from '../../core/field-masks.ts';
import { type Caller, can, isWhole, type ResourceScope, scopeOf } from '../../core/permissions.ts';
import type { LonLat } from '../../core/reading.ts';

/** One thing that changed, as it may go to a client; the same object serves all of them. */
export interface LiveItem {
  event: keyof EventMap;
  topic: LiveTopic;
  /** Whether the event's data is a list, so that many items share a frame. */
  listed: boolean;
  /** Newer items of one key replace older ones that were not sent yet. */
  key: string;
  /** Whether this person may have it. */
  isFor(caller: Caller): boolean;
  /** Where it is; undefined = it has no place that a viewport could limit. */
  position: Readonly<LonLat> | null | undefined;
  /** JSON of the item, made once however many clients get it. */
  json(): string;
}

type Coalesced = Exclude<
  keyof EventMap,
  'alert.changed' | 'registry.changed' | 'user.revoked' | 'user.rights'
>;

/** Somebody from whom nothing of the centre is kept, up to what is internal or up to what is restricted. */
const seesAll = (caller: Caller, upTo: 'internal' | 'restricted') =>
  isWhole(scopeOf(caller, 'system.read'), upTo);

/** How the data of each coalesced event falls into items. A new event is withheld until it is named here. */
const SPLIT: { [K in Coalesced]: (data: EventMap[K]) => Iterable<LiveItem> } = {
  'latest.changed': (values) =>
    values.map((value) =>
      item('latest.changed', `${value.deviceId} ${value.quantity}`, value, value, value.position),
    ),
  'unit.moved': (moves) =>
    moves.map((move) => item('unit.moved', move.unitId, ofUnit(move), move, [move.lon, move.lat])),
  'unit.changed': (unit) => [item('unit.changed', unit.id, ofUnit(unit), unit)],
  'dispatch.changed': (dispatch) => [item('dispatch.changed', String(dispatch.id), dispatch, dispatch)],
  // The same camera twice: whole, and without what is more guarded than the camera.
  'camera.changed': (camera) => [
    item(
      'camera.changed',
      camera.id,
      (caller) => maySeeCamera(caller, camera) && maySeeAddress(caller, camera),
      camera,
    ),
    item(
      'camera.changed',
      `${camera.id} masked`,
      (caller) => maySeeCamera(caller, camera) && !maySeeAddress(caller, camera),
      maskedCamera(camera),
    ),
  ],
  // Its figures count the whole centre: only for those who may see all of it. Others ask `GET /system`.
  'system.changed': ({ internal, restricted }) => [
    item(
      'system.changed',
      'internal',
      (caller) => seesAll(caller, 'internal') && !seesAll(caller, 'restricted'),
      internal,
    ),
    item('system.changed', 'restricted', (caller) => seesAll(caller, 'restricted'), restricted),
  ],
};

const ofUnit = (unit: Pick<Unit, 'areaId' | 'agencyId' | 'class'>): ResourceScope => ({
  areaId: unit.areaId,
  domain: null,
  agencyId: unit.agencyId,
  class: unit.class,
});

export const COALESCED_EVENTS = Object.keys(SPLIT) as Coalesced[];

export function itemsOf<K extends Coalesced>(event: K, data: EventMap[K]): Iterable<LiveItem> {
  return SPLIT[event](data);
}

function item(
  event: Coalesced,
  key: string,
  audienceOf: ResourceScope | ((caller: Caller) => boolean),
  data: unknown,
  position?: Readonly<LonLat> | null,
): LiveItem {
  const audience = AUDIENCES[event];
  if (!audience) throw new Error(`${event} has no audience`);
  let text: string | undefined;
  return {
    event,
    topic: audience.topic,
    listed: event === 'latest.changed' || event === 'unit.moved',
    key: `${event} ${key}`,
    isFor:
      typeof audienceOf === 'function'
        ? (caller) => can(caller, audience.permission) && audienceOf(caller)
        : (caller) => can(caller, audience.permission, audienceOf),
    position,
    json: () => {
      text ??= JSON.stringify(data);
      return text;
    },
  };
}
