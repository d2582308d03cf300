/** The phases and their seconds, as the action's own job summary says ("| image | 1 min 5 s |"). */
export function readPhases(summary: string): { name: string; seconds: number }[] {
  const lines = summary.split('\n');
  const head = lines.findIndex((line) => /^\| *phase *\|/.test(line));
  if (head === -1) return [];
  const rows = lines.slice(head + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end === -1 ? undefined : end).map((line) => {
    const [, name = '', time = ''] = line.split('|').map((cell) => cell.trim());
    return { name, seconds: readSeconds(time) };
  });
}

const unitSeconds = new Map([
  ['h', 3600],
  ['min', 60],
  ['s', 1],
]);

function readSeconds(text: string): number {
  const parts = [...text.matchAll(/([\d.]+) (h|min|s)\b/g)];
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (unitSeconds.get(unit) ?? 0), 0);
}
