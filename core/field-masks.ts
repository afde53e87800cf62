/**
 * Fields that are more guarded than the thing they stand in: the one list, for API, push, export and the audit trail.
 * Whoever may see the thing but not the field is shown `MASKED` in its place. Whoever may change the thing sees it whole.
 */
import type { Camera } from './api/cameras.ts';
import {
  type Caller,
  can,
  type DataClass,
  type Permission,
  type ResourceScope,
  strictest,
} from './permissions.ts';

export const MASKED = '***';

/** By kind of thing: the field, as a path in the API, and its class. */
export const GUARDED_FIELDS = {
  camera: { 'source.address': 'restricted' },
} as const satisfies Record<string, Record<string, DataClass>>;

/** The last words of the guarded fields of a kind: the audit trail keeps that they were there, not what. */
export const guardedNames = (kind: keyof typeof GUARDED_FIELDS): string[] =>
  Object.keys(GUARDED_FIELDS[kind]).map((path) => path.slice(path.lastIndexOf('.') + 1));

/** Whether the caller's grants reach a field of this class of a thing that stands there. */
function reaches(
  caller: Caller,
  [read, write]: readonly [Permission, Permission],
  scope: ResourceScope,
  fieldClass: DataClass,
): boolean {
  return (
    can(caller, write, scope) || can(caller, read, { ...scope, class: strictest(scope.class, fieldClass) })
  );
}

const scopeOfCamera = ({ areaId, domain, agencyId, class: dataClass }: Camera): ResourceScope => ({
  areaId,
  domain,
  agencyId,
  class: dataClass,
});

export const maySeeCamera = (caller: Caller, camera: Camera): boolean =>
  can(caller, 'cameras.read', scopeOfCamera(camera));

/** Whether the caller is shown the network address of a camera. */
export const maySeeAddress = (caller: Caller, camera: Camera): boolean =>
  reaches(
    caller,
    ['cameras.read', 'cameras.write'],
    scopeOfCamera(camera),
    GUARDED_FIELDS.camera['source.address'],
  );

export const maskedCamera = (camera: Camera): Camera => ({
  ...camera,
  source: { ...camera.source, address: MASKED },
});

/** A camera as this caller may see it. */
export const cameraFor = (caller: Caller, camera: Camera): Camera =>
  maySeeAddress(caller, camera) ? camera : maskedCamera(camera);
