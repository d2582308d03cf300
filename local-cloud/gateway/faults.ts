/** Faults that a test asks for: the next calls of an operation fail, stall, or lose their answer. */
import { ApiError, type ApiCall } from './wire.ts';

/** One rule, as `POST /_local/faults` takes it. */
export interface Fault {
  service: string;
  /** Every operation of the service when absent. */
  operation?: string;
  /** Only calls that have these parameters, for instance {"AutoScalingGroupName": "shop-dev"}; not for S3. */
  parameters?: Record<string, string>;
  /** The error code to answer with; nothing is done then. */
  error?: string;
  message?: string;
  /** HTTP status of the error; by default 503 for S3 throttling and 5xx names, else the model's, or 400. */
  status?: number;
  /** The call is done, then the connection is closed without an answer. */
  lost?: boolean;
  /** Waited before anything else. */
  delayMilliseconds?: number;
  /** How many calls are hit; 1 when absent. */
  times?: number;
  /** How many calls go through before the first one is hit; 0 when absent. */
  after?: number;
}

type FaultyCall = Pick<ApiCall, 'service' | 'operation' | 'parameters'>;

/** Codes that AWS documents for throttling, with the words that it uses. */
const MESSAGES: Record<string, string> = {
  Throttling: 'Rate exceeded',
  ThrottlingException: 'Rate exceeded',
  RequestLimitExceeded: 'Request limit exceeded.',
  SlowDown: 'Please reduce your request rate.',
  InternalFailure: 'We encountered an internal error. Please try again.',
  ServiceUnavailable: 'The service is temporarily unavailable.',
};

const SERVER_SIDE = new Set(['InternalFailure', 'InternalError', 'ServiceUnavailable', 'SlowDown']);

/** The error that a fault asks for. */
export function faultError(fault: Fault): ApiError | undefined {
  if (fault.error === undefined) return undefined;
  const status = fault.status ?? (SERVER_SIDE.has(fault.error) ? 503 : undefined);
  return new ApiError(fault.error, fault.message ?? MESSAGES[fault.error] ?? 'Injected by a test.', status);
}

/** Reads a fault from a request's body. Throws an Error that says what is wrong with it. */
export function parseFault(value: unknown): Fault {
  if (typeof value !== 'object' || value === null) throw new Error('a fault is a JSON object');
  const fault = value as Partial<Fault>;
  if (typeof fault.service !== 'string')
    throw new Error('a fault needs "service", for instance "autoscaling"');
  if (fault.error === undefined && fault.lost !== true && fault.delayMilliseconds === undefined) {
    throw new Error('a fault needs "error" (a code), "lost": true or "delayMilliseconds"');
  }
  for (const name of ['times', 'after', 'delayMilliseconds', 'status'] as const) {
    const number = fault[name];
    if (number !== undefined && (!Number.isInteger(number) || number < 0)) {
      throw new Error(`"${name}" of a fault is a whole number from 0`);
    }
  }
  if (fault.parameters !== undefined && (typeof fault.parameters !== 'object' || fault.parameters === null)) {
    throw new Error(
      '"parameters" of a fault is an object, for instance {"AutoScalingGroupName": "shop-dev"}',
    );
  }
  return { ...fault, service: fault.service };
}

/** The rules that are still to hit. */
export class Faults {
  #rules: { fault: Fault; after: number; left: number }[] = [];

  add(fault: Fault): void {
    this.#rules.push({ fault, after: fault.after ?? 0, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#rules = [];
  }

  list(): Fault[] {
    return this.#rules.map(({ fault, after, left }) => ({ ...fault, after, times: left }));
  }

  /** Takes the first rule that hits this call, and counts it. */
  take({ service, operation, parameters }: FaultyCall): Fault | undefined {
    for (const rule of this.#rules) {
      const { fault } = rule;
      if (fault.service !== service || (fault.operation ?? operation) !== operation) continue;
      const asked = Object.entries(fault.parameters ?? {});
      if (!asked.every(([name, value]) => parameters[name] === value)) continue;
      if (rule.after > 0) {
        rule.after -= 1;
        continue;
      }
      rule.left -= 1;
      this.#rules = this.#rules.filter((other) => other.left > 0);
      return fault;
    }
    return undefined;
  }
}
