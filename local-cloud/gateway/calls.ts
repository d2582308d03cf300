/** Every API call that was made, so that tests can count them and compare them with the deploy role. */
import type { ApiCall, CallRecord } from './wire.ts';

/** Old calls are dropped beyond this many: a cloud that is left up must not grow for ever. */
const LIMIT = 100_000;

/** The latest API calls, oldest first. */
export class CallLog {
  #records: CallRecord[] = [];

  add(record: CallRecord): void {
    this.#records.push(record);
    if (this.#records.length > LIMIT) this.#records = this.#records.slice(-LIMIT / 2);
  }

  list(): readonly CallRecord[] {
    return this.#records;
  }

  clear(): void {
    this.#records = [];
  }
}

/** Parameters that name a resource, the narrower ones first. No parameter that may hold a secret is among them. */
const SUBJECTS = [
  'ListenerArn',
  'TargetGroupArn',
  'LoadBalancerArn',
  'AutoScalingGroupName',
  'DBInstanceIdentifier',
  'DBParameterGroupName',
  'DBSubnetGroupName',
  'InstanceProfileName',
  'RoleName',
  'TopicArn',
  'TableName',
  'repositoryName',
  'logGroupName',
  'AlarmName',
  'DashboardName',
  'Name',
  'ResourceId',
];

/** What a call is about, for the call log: the parameter and its (first) value. S3 has it in the address. */
export function subjectOf({ service, parameters }: ApiCall, path: string): string | undefined {
  if (service === 's3') return `Path=${decodeURIComponent(path.split('?')[0] ?? '')}`;
  for (const name of SUBJECTS) {
    const value = parameters[name];
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first === 'string') return `${name}=${first}`;
  }
  return undefined;
}

/** The error code in an answer of any protocol, for the call log. */
export function errorCodeOf(
  status: number,
  headers: Record<string, unknown>,
  body: string,
): string | undefined {
  if (status < 400) return undefined;
  const type = headers['x-amzn-errortype'];
  const named = typeof type === 'string' ? type : undefined;
  const found =
    named ?? /<Code>([^<]+)<\/Code>/.exec(body)?.[1] ?? /"__type"\s*:\s*"([^"]+)"/.exec(body)?.[1];
  return found?.split('#').at(-1)?.split(':')[0];
}
