import type { CloudDescription } from '../../scripts/demo/cloud.ts';

/** One API call, as the local cloud remembers it. */
export interface Call {
  /** Milliseconds since 1970. */
  at: number;
  service: string;
  operation: string;
  /** Access key id that signed it. */
  identity?: string;
}

/** Everything that was called, oldest first. */
export async function callsOf({ endpoint }: CloudDescription): Promise<Call[]> {
  return (await (await fetch(`${endpoint}/_local/calls`)).json()) as Call[];
}
