/** The one row that must outlive every rollout, written and read as a user would: through the load balancer. */
export interface Row {
  id: number;
  text: string;
}

export async function writeRow(url: string): Promise<Row> {
  const response = await fetch(new URL('/api/notes', url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ text: 'written while version 1 was running' }),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status !== 201)
    throw new Error(`POST /api/notes gave ${response.status}: ${await response.text()}`);
  return (await response.json()) as Row;
}

/** Whether the row is there, and which version of the application said so. */
export async function readRow(url: string, row: Row): Promise<{ found: boolean; version: string }> {
  const response = await fetch(new URL(`/api/notes/${row.id}`, url), { signal: AbortSignal.timeout(10_000) });
  const body = (await response.json()) as Partial<Row>;
  return {
    found: response.ok && body.id === row.id && body.text === row.text,
    version: response.headers.get('x-app-version') ?? '',
  };
}
