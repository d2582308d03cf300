/**
 * The quotas of vCPUs that an account has in its region: what launches are held against, and what Service Quotas tells.
 * Names and codes: `aws service-quotas list-aws-default-service-quotas --service-code ec2`.
 */
import { type ApiCall, ApiError, type QuotaControl, type Service } from '../gateway/index.ts';

interface QuotaClass {
  code: string;
  name: string;
  /** Letters that an instance type of it begins with, before its first digit. */
  families: readonly string[];
}

const STANDARD = 'L-1216C47A';

/** Of On-Demand instances; the fleet here launches no others. */
const CLASSES: readonly QuotaClass[] = [
  {
    code: STANDARD,
    name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
    families: ['a', 'c', 'd', 'h', 'i', 'im', 'is', 'm', 'r', 't', 'z'],
  },
  { code: 'L-74FC7D96', name: 'Running On-Demand F instances', families: ['f'] },
  { code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances', families: ['g', 'gr', 'vt'] },
  { code: 'L-1945791B', name: 'Running On-Demand Inf instances', families: ['inf'] },
  { code: 'L-417A185B', name: 'Running On-Demand P instances', families: ['p'] },
  { code: 'L-7295265B', name: 'Running On-Demand X instances', families: ['x'] },
];

/** Quotas that are told and hold nothing up. */
const SPOT: readonly QuotaClass[] = [
  {
    code: 'L-34B43A08',
    name: 'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests',
    families: [],
  },
];

/** What an account has that has been used for long: more than any test launches. */
const PLENTY = 100_000;
/** What many accounts begin with, of the standard families. */
const FIRST = 16;

/** vCPUs of an instance type, by its size: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cpu-options-supported-instances-values.html */
export function vcpusOf(instanceType: string): number {
  const [family = '', size = ''] = instanceType.split('.');
  if (size === 'xlarge') return 4;
  const [, times] = /^(\d+)xlarge$/.exec(size) ?? [];
  if (times !== undefined) return Number(times) * 4;
  if (size.startsWith('metal')) return 96;
  if (family === 't2' && ['nano', 'micro', 'small'].includes(size)) return 1;
  return size === 'medium' && !family.startsWith('t') ? 1 : 2;
}

/** The quota that an instance type counts against; undefined for families that are not held to one here. Pure. */
export function codeOf(instanceType: string): string | undefined {
  const [, letters = ''] = /^([a-z]+)/.exec(instanceType) ?? [];
  return CLASSES.find(({ families }) => families.includes(letters))?.code;
}

/** How much of each quota an account has. */
export class VcpuQuotas implements QuotaControl {
  readonly #values: Map<string, number>;

  /** @param standard vCPUs of the standard families; what such an account has to begin with when left out */
  constructor({ isNew, standard }: { isNew: boolean; standard: number | undefined }) {
    this.#values = new Map(
      [...CLASSES, ...SPOT].map(({ code, families }) => [
        code,
        isNew ? (families.includes('m') || families.length === 0 ? FIRST : 0) : PLENTY,
      ]),
    );
    if (standard !== undefined) this.#values.set(STANDARD, standard);
  }

  /** vCPUs that may run at once; Infinity where nothing is held to the code. */
  valueOf(code: string): number {
    return this.#values.get(code) ?? Infinity;
  }

  list(): unknown[] {
    return [...CLASSES, ...SPOT].map(({ code, name }) => ({ code, name, value: this.valueOf(code) }));
  }

  set(code: string, value: number): void {
    if (!this.#values.has(code))
      throw new Error(`there is no quota "${code}" here; known are ${[...this.#values.keys()].join(', ')}`);
    if (!Number.isFinite(value) || value < 0) throw new Error(`${code} can't be ${value}`);
    this.#values.set(code, value);
  }

  /** Service Quotas, as far as it is about these. An increase that is asked for is granted at once. */
  get service(): Service {
    const quota = (call: ApiCall) => ({ Quota: this.#describe(call) });
    return {
      protocol: 'json',
      namespace: '',
      operations: {
        GetServiceQuota: quota,
        RequestServiceQuotaIncrease: (call) => this.#raise(call),
      },
    };
  }

  #describe({ parameters, region, accountId }: ApiCall): Record<string, unknown> {
    const { ServiceCode, QuotaCode } = parameters;
    const found = [...CLASSES, ...SPOT].find(({ code }) => code === QuotaCode);
    if (ServiceCode !== 'ec2' || found === undefined)
      throw new ApiError(
        'NoSuchResourceException',
        'The request failed because the specified quota does not exist.',
      );
    return {
      ServiceCode,
      ServiceName: 'Amazon Elastic Compute Cloud (Amazon EC2)',
      QuotaArn: `arn:aws:servicequotas:${region}:${accountId}:ec2/${found.code}`,
      ...{ QuotaCode, QuotaName: found.name, Value: this.valueOf(found.code), Unit: 'None' },
      ...{ Adjustable: true, GlobalQuota: false },
    };
  }

  #raise(call: ApiCall): unknown {
    const { QuotaArn, QuotaCode, QuotaName, Value } = this.#describe(call);
    const wanted = Number(call.parameters.DesiredValue);
    if (!(wanted > Number(Value)))
      throw new ApiError(
        'IllegalArgumentException',
        `The requested value ${wanted} is not greater than the current value ${String(Value)}.`,
      );
    this.set(String(QuotaCode), wanted);
    const { requestId: Id } = call;
    return {
      RequestedQuota: {
        ...{ Id, QuotaArn, QuotaCode, QuotaName, ServiceCode: 'ec2', DesiredValue: wanted },
        Status: 'APPROVED',
      },
    };
  }
}
