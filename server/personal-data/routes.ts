import { z } from 'zod';
import {
  PersonalDataKindDto,
  PersonalDataRun,
  Subject,
  SubjectLookup,
  SubjectReason,
  SubjectReport,
} from '../../core/api/personal-data.ts';
import type { PersonalDataKind } from '../../core/personal-data.ts';
import { type Route, route } from '../http/index.ts';
import type { PersonalData } from './service.ts';

const tag = 'personal data';
const SubjectId = z.object({ id: z.string().min(1).max(64) });

export function personalDataRoutes(service: PersonalData, kinds: readonly PersonalDataKind[]): Route[] {
  const register = kinds.map(kindDto);
  return [
    route({
      method: 'get',
      path: '/personal-data/kinds',
      summary: 'Which personal data are kept, what for, how long, and what erasing does',
      tag,
      access: 'authenticated',
      response: z.object({ items: z.array(PersonalDataKindDto) }),
      handler: async () => ({ items: register }),
    }),
    route({
      method: 'get',
      path: '/me/personal-data',
      summary: 'Everything that is held of me',
      tag,
      access: 'authenticated',
      response: SubjectReport,
      handler: ({ caller }) => service.own(caller),
    }),
    route({
      method: 'post',
      path: '/personal-data/lookups',
      summary: 'People by a part of their names, and how much is held of each; at most 20',
      tag,
      access: 'personal.read',
      audit: 'personal.lookup',
      body: SubjectLookup,
      response: z.object({ items: z.array(Subject) }),
      handler: async ({ caller, body }) => ({ items: await service.lookup(caller, body.q, body.reason) }),
    }),
    route({
      method: 'post',
      path: '/personal-data/subjects/:id/report',
      summary: 'Everything that is held of a person',
      tag,
      access: 'personal.read',
      audit: 'personal.report',
      params: SubjectId,
      body: SubjectReason,
      response: SubjectReport,
      handler: ({ caller, params, body }) => service.report(caller, params.id, body.reason),
    }),
    route({
      method: 'post',
      path: '/personal-data/subjects/:id/erasure',
      summary: 'Erase what may go of a person whose account is closed',
      tag,
      access: 'personal.erase',
      audit: 'personal.erase',
      params: SubjectId,
      body: SubjectReason,
      response: PersonalDataRun,
      handler: ({ caller, params, body }) => service.erase(caller, params.id, body.reason),
    }),
    route({
      method: 'get',
      path: '/personal-data/runs',
      summary: 'What was erased and what expired, the latest first; at most 50',
      tag,
      access: 'personal.read',
      response: z.object({ items: z.array(PersonalDataRun) }),
      handler: async ({ caller }) => ({ items: await service.runs(caller) }),
    }),
  ];
}

function kindDto(kind: PersonalDataKind): PersonalDataKindDto {
  const { id, fields, keepDays, erasure, keptVi, keptEn } = kind;
  return {
    id,
    name: { vi: kind.nameVi, en: kind.nameEn },
    fields,
    purpose: { vi: kind.purposeVi, en: kind.purposeEn },
    keepDays,
    erasure,
    kept: keptVi !== undefined && keptEn !== undefined ? { vi: keptVi, en: keptEn } : null,
  };
}
