import type { SubjectReport } from '../../core/api/personal-data.ts';

/** Gives the report to the browser as a file; it is never shown on the page, where others may look on. */
export function saveReport(report: SubjectReport): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(report, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `personal-data-${report.subject.username}-${report.madeAt.slice(0, 10)}.json`;
  link.click();
  // The download has taken the address over by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
