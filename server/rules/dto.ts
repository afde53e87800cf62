import { z } from 'zod';
import type { Rule, RuleKind as RuleKindDto } from '../../core/api/rules.ts';
import { scheduleWords } from '../../core/calendar.ts';
import { formatSpan } from '../../core/format.ts';
import type { Bilingual } from '../../core/text.ts';
import { parseRule } from './compile.ts';
import type { KindTools, RuleKind } from './kind.ts';
import type { RuleKinds } from './kind-registry.ts';
import type { RuleRow } from './sql.ts';

export function ruleDto(row: RuleRow, kinds: RuleKinds, tools: KindTools): Rule {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    domain: row.domain,
    severity: row.severity,
    params: row.params,
    appliesTo: row.applies_to,
    options: row.options,
    state: row.state,
    version: row.version,
    explanation: explain(row, kinds, tools),
    updatedAt: row.updated_at.toISOString(),
    updatedBy: row.updated_by,
    approvedAt: row.approved_at?.toISOString() ?? null,
    approvedBy: row.approved_by,
  };
}

/** A rule of a kind that is gone, or whose area is, must still be seen to be put right. */
export function explain(
  row: Pick<RuleRow, 'kind' | 'params' | 'options'>,
  kinds: RuleKinds,
  tools: KindTools,
): Bilingual {
  try {
    const { kind, params } = parseRule(row.kind, row.params, kinds);
    const told = kind.explain(params, tools);
    const { schedule, latenessS } = row.options;
    const more = (language: 'vi' | 'en') => {
      const when = schedule ? scheduleWords(schedule, language) : '';
      const wait = latenessS ? formatSpan(latenessS, language) : '';
      const late = wait && (language === 'vi' ? `chờ dữ liệu trễ ${wait}` : `waits ${wait} for late data`);
      return [when, late]
        .filter(Boolean)
        .map((part) => `; ${part}`)
        .join('');
    };
    return { vi: told.vi + more('vi'), en: told.en + more('en') };
  } catch {
    return { vi: 'Quy tắc này không dùng được', en: 'This rule cannot be used' };
  }
}

export function kindDto(kind: RuleKind): z.infer<typeof RuleKindDto> {
  return {
    id: kind.id,
    vi: kind.vi,
    en: kind.en,
    subject: kind.subject,
    params: z.toJSONSchema(kind.params, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' }),
  };
}
