import type { CloudDescription } from '../../../scripts/demo/cloud.ts';

export interface RecordedCall {
  service: string;
  operation: string;
  status: number;
  errorCode?: string;
  /** The access key id that signed the call. */
  identity?: string;
  /** The ARN that the key belongs to. */
  principal?: string;
  /** What it was about, where one parameter names it: `RoleName=shop-dev-instance`, `Path=/bucket/key`. */
  subject?: string;
}

/** The local cloud's own API: what was called, and what shall go wrong. */
export class Control {
  readonly #endpoint: string;

  constructor({ endpoint }: CloudDescription) {
    this.#endpoint = `${endpoint}/_local`;
  }

  async calls(): Promise<RecordedCall[]> {
    return (await (await fetch(`${this.#endpoint}/calls`)).json()) as RecordedCall[];
  }

  /** Every permission of a role that let a call through, once. */
  async permissions(): Promise<{ identity: string; action: string; resource: string }[]> {
    const answer = await fetch(`${this.#endpoint}/permissions`);
    return (await answer.json()) as { identity: string; action: string; resource: string }[];
  }

  async forgetCalls(): Promise<void> {
    await fetch(`${this.#endpoint}/calls`, { method: 'DELETE' });
  }

  /** @throws Error when the local cloud does not take the fault */
  async fault(fault: Record<string, unknown>): Promise<void> {
    const response = await fetch(`${this.#endpoint}/faults`, { method: 'POST', body: JSON.stringify(fault) });
    if (!response.ok) throw new Error(await response.text());
  }

  /** How many vCPUs may run by a quota of the account. */
  async quota(code: string, value: number): Promise<void> {
    const response = await fetch(`${this.#endpoint}/quotas`, {
      method: 'POST',
      body: JSON.stringify({ code, value }),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  async forgetFaults(): Promise<void> {
    await fetch(`${this.#endpoint}/faults`, { method: 'DELETE' });
  }
}
