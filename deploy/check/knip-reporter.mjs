// knip's findings as one line of JSON, with the count of files that it read (its own JSON reporter leaves that out).

/** @param {{ issues: Record<string, unknown>, counters: { processed: number }, report: Record<string, boolean>, configurationHints: readonly unknown[] }} result */
// biome-ignore lint/style/noDefaultExport: knip takes a reporter's default export
export default function report({ issues, counters, report }) {
  const faults = [];
  for (const [kind, byFile] of Object.entries(issues)) {
    if (!report[kind] || typeof byFile !== 'object' || byFile === null) continue;
    for (const issuesOfFile of Object.values(byFile))
      for (const { filePath, symbol, line } of Object.values(issuesOfFile)) faults.push({ kind, filePath, symbol, line });
  }
  process.stdout.write(`${JSON.stringify({ processed: counters.processed, faults })}\n`);
}
