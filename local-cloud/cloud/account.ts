/**
 * The account that the cloud is: one that has been used, or a new one. A new one lacks the roles that AWS's services
 * act with, until the first call that needs one makes it, and has the quotas that AWS gives to begin with.
 */
import { type InstanceDriver, LaunchFailure, type LaunchRequest } from '../fleet/index.ts';
import type { AnswerFilter, ApiCall, Service } from '../gateway/index.ts';
import { codeOf, type VcpuQuotas, vcpusOf } from './vcpu-quotas.ts';

export type AccountKind = 'new' | 'used';

/** The services whose calls make a service-linked role, and AWS's names of them. */
const SERVICES = ['autoscaling', 'elasticloadbalancing', 'rds', 'spot'] as const;
type RoleOwner = (typeof SERVICES)[number];

/** How long a role that was just made is not known everywhere; AWS speaks of seconds to minutes. */
const RACE_MILLISECONDS = 30_000;

/** What the fleet and the gateway do differently in an account. */
export interface Account {
  /** Puts the account's refusals in front of a driver. @param now milliseconds of the fleet's clock */
  guard(driver: InstanceDriver, now: () => number): InstanceDriver;
  /** The service, making the roles that its calls need. */
  autoScaling(service: Service): Service;
  /** See successful calls of other services, for the roles that they need. */
  filters: AnswerFilter[];
  /** Makes what an account has that has been used. */
  prepare(): Promise<void>;
}

class OneAccount implements Account {
  readonly #kind: AccountKind;
  readonly #accountId: string;
  readonly #make: (service: string) => Promise<void>;
  readonly #quotas: VcpuQuotas;
  readonly #made = new Map<RoleOwner, number>();
  #now: () => number = Date.now;

  constructor({ kind, accountId, quotas }: AccountOptions, make: (service: string) => Promise<void>) {
    this.#kind = kind;
    this.#accountId = accountId;
    this.#quotas = quotas;
    this.#make = make;
  }

  async prepare(): Promise<void> {
    if (this.#kind === 'new') return;
    // Long ago.
    for (const owner of SERVICES) await this.#need(owner, -Infinity);
  }

  async #need(owner: RoleOwner, at = this.#now()): Promise<void> {
    if (this.#made.has(owner)) return;
    this.#made.set(owner, at);
    await this.#make(`${owner}.amazonaws.com`);
  }

  get filters(): AnswerFilter[] {
    const making = (service: RoleOwner, operations: string[]): AnswerFilter => ({
      service,
      operations,
      apply: async (_call: ApiCall, body: string) => {
        await this.#need(service);
        return body;
      },
    });
    return [making('elasticloadbalancing', ['CreateLoadBalancer']), making('rds', ['CreateDBInstance'])];
  }

  autoScaling(service: Service): Service {
    const create = service.operations.CreateAutoScalingGroup;
    if (create === undefined) return service;
    const CreateAutoScalingGroup = async (call: ApiCall): Promise<unknown> => {
      const result = await create(call);
      await this.#need('autoscaling');
      if (call.parameters.MixedInstancesPolicy !== undefined) await this.#need('spot');
      return result;
    };
    return { ...service, operations: { ...service.operations, CreateAutoScalingGroup } };
  }

  guard(driver: InstanceDriver, now: () => number): InstanceDriver {
    this.#now = now;
    const running = new Running(driver);
    return {
      launch: async (request) => {
        if (this.#kind === 'new') this.#refuseRole(request);
        const { instanceType } = request.template;
        const code = codeOf(instanceType);
        if (code !== undefined) {
          const limit = this.#quotas.valueOf(code);
          if (!running.fits(code, vcpusOf(instanceType), limit)) throw quotaUsedUp(limit);
          running.add(code, request);
        }
        await driver.launch(request).catch((error: unknown) => {
          running.remove(request.instanceId);
          throw error;
        });
      },
      terminate: (instanceId) => driver.terminate(instanceId),
      describe: (instanceId) => driver.describe(instanceId),
      console: (instanceId) => driver.console(instanceId),
      close: () => driver.close(),
    };
  }

  /** A group with target groups looks at them as the role, which is not known everywhere as soon as it is made. */
  #refuseRole({ targetPorts }: LaunchRequest): void {
    const madeAt = this.#made.get('autoscaling') ?? Infinity;
    if (targetPorts.length === 0 || this.#now() - madeAt >= RACE_MILLISECONDS) return;
    const role = 'role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
    throw new LaunchFailure(
      `Access denied when attempting to assume role arn:aws:iam::${this.#accountId}:${role}. ` +
        'Validating load balancer configuration failed.',
    );
  }
}

/** What runs of each quota. Who is gone is looked for only where that decides. */
class Running {
  readonly #driver: InstanceDriver;
  readonly #instances = new Map<string, { code: string; vcpus: number }>();
  readonly #sums = new Map<string, number>();

  constructor(driver: InstanceDriver) {
    this.#driver = driver;
  }

  fits(code: string, vcpus: number, limit: number): boolean {
    const wanted = (): number => (this.#sums.get(code) ?? 0) + vcpus;
    if (wanted() <= limit) return true;
    for (const id of this.#instances.keys()) if (this.#isGone(id)) this.remove(id);
    return wanted() <= limit;
  }

  add(code: string, { instanceId, template }: LaunchRequest): void {
    const vcpus = vcpusOf(template.instanceType);
    this.#instances.set(instanceId, { code, vcpus });
    this.#sums.set(code, (this.#sums.get(code) ?? 0) + vcpus);
  }

  remove(instanceId: string): void {
    const known = this.#instances.get(instanceId);
    if (known === undefined) return;
    this.#instances.delete(instanceId);
    this.#sums.set(known.code, (this.#sums.get(known.code) ?? 0) - known.vcpus);
  }

  #isGone(instanceId: string): boolean {
    const state = this.#driver.describe(instanceId)?.state ?? 'terminated';
    return state !== 'pending' && state !== 'running';
  }
}

function quotaUsedUp(limit: number): LaunchFailure {
  return new LaunchFailure(
    `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket ` +
      'that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to ' +
      'request an adjustment to this limit.',
  );
}

export interface AccountOptions {
  kind: AccountKind;
  accountId: string;
  quotas: VcpuQuotas;
}

/** @param endpoint the emulator's own, which keeps IAM's roles */
export function createAccount(options: AccountOptions, endpoint: string): Account {
  const make = async (service: string): Promise<void> => {
    const scope = 'Credential=local/20261122/us-east-1/iam/aws4_request';
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, Signature=0` },
      body: new URLSearchParams({
        Action: 'CreateServiceLinkedRole',
        Version: '2010-05-08',
        AWSServiceName: service,
      }),
    });
    // Somebody may have made it by hand.
    if (!answer.ok && answer.status !== 409) {
      throw new Error(`the role of ${service} was not made: HTTP ${answer.status}`);
    }
  };
  return new OneAccount(options, make);
}
