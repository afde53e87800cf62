/** The sample province's view of the centre: what it needs of the capabilities' faces, and in whose name it acts. */
import { isAppError } from '../../../core/errors.ts';
import { unlimited } from '../../../core/permissions.ts';
import type { Accounts } from '../../accounts/index.ts';
import type { Alerts } from '../../alerts/index.ts';
import type { Areas } from '../../areas/index.ts';
import type { DispatchCapability } from '../../dispatch/index.ts';
import type { Registry } from '../../registry/index.ts';
import type { Rules } from '../../rules/index.ts';
import type { Desk } from './crews.ts';
import type { Registrar } from './plant.ts';

export interface Centre {
  areas: Pick<Areas, 'tree' | 'import'>;
  accounts: Pick<Accounts, 'users'>;
  registry: Pick<Registry, 'devices' | 'cameras' | 'createDevice' | 'renewCredential' | 'createCamera'>;
  rules: Pick<Rules, 'service'>;
  alerts: Pick<Alerts, 'inScope'>;
  dispatch: Pick<DispatchCapability, 'units' | 'dispatches'>;
}

/** Somebody of the sample who may do everything; the name is what the histories show. */
const SAMPLE = unlimited('demo');
const PAGE = 200;

export function registrarOf({ areas, accounts, registry, rules, dispatch }: Centre): Registrar {
  return {
    hasArea: (id) => areas.tree.get(id) !== undefined,
    importAreas: (collection) => areas.import(collection, {}),
    hasDevice: (id) => registry.devices.byId(id) !== undefined,
    createDevice: (device) => registry.createDevice(device),
    renewCredential: (id) => registry.renewCredential(id, SAMPLE),
    hasCamera: (id) => registry.cameras.byId(id) !== undefined,
    createCamera: (camera) => registry.createCamera(camera),
    hasUnit: (id) => found(dispatch.units.get(SAMPLE, id)),
    createUnit: (unit) => dispatch.units.create(SAMPLE, unit),
    hasRule: (id) => found(rules.service.get(id)),
    async createRule(rule) {
      await rules.service.create(SAMPLE, rule);
      await rules.service.activate(SAMPLE, rule.id);
    },
    async usernames() {
      const names = new Set<string>();
      for (let after: string | null = ''; after !== null; ) {
        const { users, last }: Awaited<ReturnType<typeof accounts.users.list>> = await accounts.users.list(
          SAMPLE,
          after,
          PAGE,
        );
        for (const user of users) names.add(user.username);
        after = last;
      }
      return names;
    },
    createUser: (user) => accounts.users.create(user),
  };
}

export function deskOf({ alerts, dispatch }: Centre): Desk {
  return {
    open: async () => (await dispatch.dispatches.list(SAMPLE, { active: true, limit: PAGE })).items,
    placeOf: async (alertId) => (await alerts.inScope(SAMPLE, alertId)).position,
    async report({ id, unitId }, state, note) {
      await dispatch.dispatches.move(unlimited(`crew-${unitId}`), id, { state, note });
    },
  };
}

async function found(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (isAppError(error, 'request.not_found')) return false;
    throw error;
  }
}
