import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
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

  /**
   * Lets a fault wait for its call.
   * @returns when the call has come: resolved before what the fault's delay holds back is done
   */
  async metBy(fault: Record<string, unknown>, stop: AbortSignal): Promise<void> {
    // By this it is known among the others.
    const mark = randomUUID();
    await this.fault({ ...fault, mark });
    const waits = async (): Promise<boolean> => {
      const rules = (await (await fetch(`${this.#endpoint}/faults`)).json()) as { mark?: string }[];
      return rules.some((rule) => rule.mark === mark);
    };
    while (await waits()) await sleep(20, undefined, { signal: stop });
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
