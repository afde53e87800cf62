import { z } from 'zod';
import { page } from '../../core/api/common.ts';
import {
  CertificateAdd,
  CredentialRenewal,
  Device,
  DeviceCertificate,
  DeviceCertificateList,
  DeviceCreate,
  DeviceCreated,
  DeviceCredential,
  DeviceImportQuery,
  DeviceImportReport,
  DevicePatch,
  DeviceQuery,
  DeviceType,
  LatestQuery,
  LatestValue,
  ObservationPage,
  ObservationQuery,
} from '../../core/api/devices.ts';
import type { Caller } from '../../core/permissions.ts';
import { decodeCursor, encodeCursor, type Route, route } from '../http/index.ts';
import type { DeviceCertificates } from './certificates.ts';
import type { DeviceService } from './devices.ts';
import type { ObservationService } from './observations.ts';
import type { TypeCatalogue } from './types.ts';

const TABLE_BYTES = 8 * 1024 * 1024;
const Id = z.object({ id: z.string().max(64) });
const CertificateId = z.object({ id: z.string().max(64), certificate: z.string().max(64) });

export function deviceRoutes(options: {
  devices: DeviceService;
  certificates: DeviceCertificates;
  observations: ObservationService;
  types: TypeCatalogue;
  importTable(table: Uint8Array, options: { dryRun: boolean }, caller: Caller): Promise<DeviceImportReport>;
}): Route[] {
  const { devices, certificates, observations, types, importTable } = options;
  return [
    route({
      method: 'get',
      path: '/device-types',
      summary: 'Kinds of devices that can be registered',
      tag: 'devices',
      access: 'devices.read',
      response: page(DeviceType),
      handler: async () => ({
        items: types.all().map((type) => ({
          id: type.id,
          vi: type.vi,
          en: type.en,
          icon: type.icon,
          domain: type.domain,
          mobile: type.mobile,
          quantities: type.quantities === 'any' ? null : [...type.quantities],
          expectedIntervalS: type.expectedIntervalS,
        })),
        nextCursor: null,
      }),
    }),
    route({
      method: 'get',
      path: '/devices',
      summary: 'Devices, by id',
      tag: 'devices',
      access: 'devices.read',
      query: DeviceQuery,
      response: page(Device),
      async handler({ caller, query }) {
        const [after] = decodeCursor(query.cursor, ['string']) ?? [''];
        const { items, more } = await devices.list(caller, query, String(after));
        return { items, nextCursor: more ? encodeCursor([items.at(-1)?.id ?? '']) : null };
      },
    }),
    route({
      method: 'post',
      path: '/devices',
      audit: 'device.create',
      summary: 'Register a device; its credential is shown this once',
      tag: 'devices',
      access: 'devices.write',
      body: DeviceCreate,
      response: DeviceCreated,
      status: 201,
      handler: ({ caller, body }) => devices.create(body, caller),
    }),
    route({
      method: 'post',
      path: '/devices/import',
      audit: 'device.import',
      summary: 'Register the devices of a CSV table (UTF-8, with a heading); one verdict per row',
      tag: 'devices',
      access: 'devices.write',
      query: DeviceImportQuery,
      rawBody: true,
      bodyLimit: TABLE_BYTES,
      response: DeviceImportReport,
      handler: ({ caller, query, body }) =>
        importTable(asBytes(body), { dryRun: query.dryRun === 'true' }, caller),
    }),
    route({
      method: 'get',
      path: '/devices/:id',
      summary: 'One device',
      tag: 'devices',
      access: 'devices.read',
      params: Id,
      response: Device,
      handler: ({ caller, params }) => devices.get(caller, params.id),
    }),
    route({
      method: 'patch',
      path: '/devices/:id',
      audit: 'device.change',
      summary: 'Change a device, or switch it off and on',
      tag: 'devices',
      access: 'devices.write',
      params: Id,
      body: DevicePatch,
      response: Device,
      handler: ({ caller, params, body }) => devices.update(params.id, body, caller),
    }),
    route({
      method: 'post',
      path: '/devices/:id/credential',
      audit: 'device.credential',
      summary:
        'Give the device a new credential; the old one ends at once, or after the overlap that is asked for',
      tag: 'devices',
      access: 'devices.write',
      params: Id,
      body: CredentialRenewal,
      response: DeviceCredential,
      handler: ({ caller, params, body }) => devices.renewCredential(params.id, caller, body.overlapHours),
    }),
    route({
      method: 'get',
      path: '/devices/:id/certificates',
      summary: 'Client certificates by which the device is known, those taken back too',
      tag: 'devices',
      access: 'devices.write',
      params: Id,
      response: DeviceCertificateList,
      handler: async ({ caller, params }) => ({ items: await certificates.list(params.id, caller) }),
    }),
    route({
      method: 'post',
      path: '/devices/:id/certificates',
      audit: 'device.certificate',
      summary: 'Know the device by a client certificate or a subject, or refuse a certificate from now on',
      tag: 'devices',
      access: 'devices.write',
      params: Id,
      body: CertificateAdd,
      status: 201,
      response: DeviceCertificate,
      handler: ({ caller, params, body }) => certificates.add(params.id, body, caller),
    }),
    route({
      method: 'delete',
      path: '/devices/:id/certificates/:certificate',
      audit: 'device.certificate',
      summary: 'Take a certificate back: it is refused at once, and its connection ends',
      tag: 'devices',
      access: 'devices.write',
      params: CertificateId,
      response: null,
      handler: ({ caller, params }) => certificates.revoke(params.id, params.certificate, caller),
    }),
    route({
      method: 'get',
      path: '/devices/:id/observations',
      summary: 'Values of a device, single or summed up in buckets',
      tag: 'observations',
      access: 'observations.read',
      params: Id,
      query: ObservationQuery,
      response: ObservationPage,
      handler: ({ caller, params, query }) => observations.ofDevice(caller, params.id, query),
    }),
    route({
      method: 'get',
      path: '/latest',
      summary: 'The latest value of every series',
      tag: 'observations',
      access: 'observations.read',
      query: LatestQuery,
      response: page(LatestValue),
      handler: ({ caller, query }) => observations.latest(caller, query),
    }),
  ];
}

/** A request without a body is parsed to an empty object. */
function asBytes(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}
