import { z } from 'zod';
import { Agency } from '../../core/api/agencies.ts';
import type { Clock } from '../../core/clock.ts';
import type { AgencyDirectory, Database, Logger } from '../../core/ports.ts';
import type { ProvinceProfile } from '../../core/profile.ts';
import { type Route, route } from '../http/index.ts';
import { allAgencies, mapOwner, OWNED, type OwnedKind, syncAgencies, unmappedOwners } from './sql.ts';
import { createAgencyTree } from './tree.ts';

export interface Agencies {
  routes: Route[];
  directory: AgencyDirectory;
}

/**
 * The agencies of the profile's bodies. Writes them to the database first, so that grants and rows can name them, and
 * gives rows that say in words whose they are to the agency of that name.
 */
export async function createAgencies(options: {
  database: Database;
  clock: Clock;
  logger: Logger;
  bodies: ProvinceProfile['bodies'];
}): Promise<Agencies> {
  const { database, clock, logger, bodies } = options;
  const directory = await database.transaction(async (tx) => {
    await syncAgencies(
      tx,
      bodies.map((body) => ({
        id: body.id,
        name_vi: body.nameVi,
        name_en: body.nameEn,
        type: body.type,
        parent_id: body.parent ?? null,
        area_code: body.area ?? null,
      })),
      new Date(clock.now()),
    );
    const tree = createAgencyTree(await allAgencies(tx));
    for (const kind of Object.keys(OWNED) as OwnedKind[]) {
      for (const owner of await unmappedOwners(tx, kind)) {
        const agencyId = tree.named(owner);
        if (agencyId === undefined) continue;
        const rows = await mapOwner(tx, kind, owner, agencyId);
        logger.info({ kind, owner, agencyId, rows }, 'rows given to the agency they name');
      }
    }
    return tree;
  });

  return {
    directory,
    routes: [
      route({
        method: 'get',
        path: '/agencies',
        summary: 'The bodies of the province, for names and for choosing',
        tag: 'access',
        access: 'authenticated',
        response: z.object({ items: z.array(Agency) }),
        handler: async () => ({
          items: (await allAgencies(database)).map((row) => ({
            id: row.id,
            nameVi: row.name_vi,
            nameEn: row.name_en,
            type: row.type,
            parentId: row.parent_id,
            areaCode: row.area_code,
            active: row.active,
          })),
        }),
      }),
    ],
  };
}
