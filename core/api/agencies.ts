import { z } from 'zod';

export const AgencyId = z.string().min(1).max(64);

/** A body of the province: of the profile, so it is looked up, never edited here. */
export const Agency = z
  .object({
    id: z.string(),
    nameVi: z.string(),
    nameEn: z.string(),
    type: z.string().describe('for example ppc, department, district, commune, police, provider'),
    parentId: z.string().nullable(),
    areaCode: z.string().nullable().describe('code of the area it answers for'),
    active: z.boolean().describe('false = no longer in the profile; old rows and grants still name it'),
  })
  .meta({ id: 'Agency' });
export type Agency = z.infer<typeof Agency>;
