/** The part of the EC2 API that is about the fleet's instances; networks and templates are the emulator's. */
import { type ApiCall, ApiError, type Service } from '../gateway/index.ts';
import { passes, readFilters, STATE_CODES } from './filters.ts';
import type { InstanceRecord, Instances } from './records.ts';

export const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/**
 * Without Latest, EC2 gives what was posted after the last change of state; when exactly is not documented. Here an
 * instance that runs has posted what its console says once it is a minute old; one that ended, everything.
 */
const FIRST_POST_MS = 60_000;

/** Families that are not built on Nitro have no current console output. */
const XEN_FAMILIES = new Set([
  't1',
  't2',
  'm1',
  'm2',
  'm3',
  'm4',
  'c1',
  'c3',
  'c4',
  'r3',
  'r4',
  'i2',
  'd2',
  'x1',
  'x1e',
  'p2',
  'p3',
  'g3',
  'f1',
  'h1',
]);

function idsOf(call: ApiCall): string[] {
  const ids = call.parameters.InstanceId;
  const list = Array.isArray(ids) ? ids.map(String) : typeof ids === 'string' && ids !== '' ? [ids] : [];
  for (const id of list)
    if (!/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id))
      throw new ApiError('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
  return list;
}

function find(instances: Instances, ids: readonly string[]): InstanceRecord[] {
  const all = instances.list();
  const unknown = ids.filter((id) => !all.some(({ request }) => request.instanceId === id));
  if (unknown.length > 0) {
    const names = unknown.join(', ');
    const message =
      unknown.length === 1
        ? `The instance ID '${names}' does not exist`
        : `The instance IDs '${names}' do not exist`;
    throw new ApiError('InvalidInstanceID.NotFound', message);
  }
  return all.filter(({ request }) => ids.includes(request.instanceId));
}

function selected(call: ApiCall, instances: Instances): InstanceRecord[] {
  const ids = idsOf(call);
  const filters = readFilters(call.parameters.Filter);
  const records = ids.length === 0 ? instances.list() : find(instances, ids);
  return records.filter((record) => passes(record, filters));
}

/** One page of a list: the token is the place where the next one starts. */
function page<T>(call: ApiCall, list: readonly T[]): { items: T[]; nextToken?: string } {
  const { MaxResults, NextToken } = call.parameters;
  const start = NextToken === undefined ? 0 : Number(NextToken);
  const size = MaxResults === undefined ? 1000 : Number(MaxResults);
  if (!Number.isInteger(start) || start < 0) throw new ApiError('InvalidNextToken', 'The token is not valid');
  if (!Number.isInteger(size) || size < 5 || size > 1000)
    throw new ApiError(
      'InvalidParameterValue',
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
    );
  const end = start + size;
  return { items: list.slice(start, end), ...(end < list.length && { nextToken: String(end) }) };
}

const stateOf = (state: InstanceRecord['state']): object => ({ code: STATE_CODES[state], name: state });

function describe(record: InstanceRecord, accountId: string, region: string): object {
  const { request, state } = record;
  const { template, privateIpAddress } = request;
  const running = state === 'pending' || state === 'running';
  const profile = template.instanceProfile?.split('/').at(-1);
  const tags = Object.entries(request.tags ?? {});
  return {
    instanceId: request.instanceId,
    imageId: template.imageId,
    instanceState: stateOf(state),
    privateDnsName: running ? `ip-${privateIpAddress.replaceAll('.', '-')}.${region}.compute.internal` : '',
    dnsName: '',
    reason: running ? '' : 'User initiated',
    amiLaunchIndex: 0,
    instanceType: template.instanceType,
    launchTime: new Date(record.launchedAt),
    placement: { availabilityZone: request.availabilityZone, groupName: '', tenancy: 'default' },
    monitoring: { state: 'disabled' },
    ...(running && { subnetId: request.subnetId, privateIpAddress }),
    groupSet: (template.securityGroupIds ?? []).map((groupId) => ({ groupId })),
    ...(state === 'stopped' && {
      stateReason: {
        code: 'Client.InstanceInitiatedShutdown',
        message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
      },
    }),
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    rootDeviceType: 'ebs',
    virtualizationType: 'hvm',
    hypervisor: 'xen',
    ebsOptimized: false,
    ...(profile !== undefined && {
      iamInstanceProfile: { arn: `arn:aws:iam::${accountId}:instance-profile/${profile}`, id: profile },
    }),
    metadataOptions: {
      state: 'applied',
      httpTokens: 'required',
      httpPutResponseHopLimit: 1,
      httpEndpoint: 'enabled',
    },
    ...(tags.length > 0 && { tagSet: tags.map(([key, value]) => ({ key, value })) }),
  };
}

function describeStatus({ request, state }: InstanceRecord): object {
  const status = state === 'running' ? 'ok' : state === 'pending' ? 'initializing' : 'not-applicable';
  const details =
    status === 'not-applicable'
      ? {}
      : { details: [{ name: 'reachability', status: status === 'ok' ? 'passed' : status }] };
  return {
    instanceId: request.instanceId,
    availabilityZone: request.availabilityZone,
    instanceState: stateOf(state),
    systemStatus: { status, ...details },
    instanceStatus: { status, ...details },
  };
}

function consoleOutput(call: ApiCall, instances: Instances, now: number): object {
  const [instanceId = ''] = idsOf(call);
  const [record] = find(instances, [instanceId]);
  const latest = call.parameters.Latest === 'true';
  const family = record?.request.template.instanceType.split('.')[0] ?? '';
  if (latest && XEN_FAMILIES.has(family))
    throw new ApiError(
      'UnsupportedOperation',
      'This instance type does not support retrieving the latest console logs.',
    );
  const ended = record?.state !== 'pending' && record?.state !== 'running';
  const posted = latest || ended || now - (record?.launchedAt ?? now) >= FIRST_POST_MS;
  const text = posted ? instances.driver.console(instanceId) : '';
  return {
    instanceId,
    timestamp: new Date(now),
    ...(text !== '' && { output: Buffer.from(text).toString('base64') }),
  };
}

/**
 * DescribeInstances, DescribeInstanceStatus, GetConsoleOutput and TerminateInstances for the fleet's instances, which
 * are all there are: the emulator's RunInstances makes none.
 * @param now milliseconds since 1970, of the fleet's clock
 */
export function createInstanceService(instances: Instances, now: () => number): Service {
  return {
    protocol: 'ec2',
    namespace: NAMESPACE,
    operations: {
      DescribeInstances(call) {
        const { items, nextToken } = page(call, selected(call, instances));
        const reservations = items.map((record) => ({
          reservationId: record.request.instanceId.replace('i-', 'r-'),
          ownerId: call.accountId,
          groupSet: [],
          instancesSet: [describe(record, call.accountId, call.region)],
        }));
        return { reservationSet: reservations, nextToken };
      },
      DescribeInstanceStatus(call) {
        const all = call.parameters.IncludeAllInstances === 'true';
        const records = selected(call, instances).filter(({ state }) => all || state === 'running');
        const { items, nextToken } = page(call, records);
        return { instanceStatusSet: items.map(describeStatus), nextToken };
      },
      GetConsoleOutput: (call) => consoleOutput(call, instances, now()),
      TerminateInstances(call) {
        const ids = idsOf(call);
        const before = find(instances, ids);
        // Answered at once, as EC2 does; the fleet sees the instance go.
        for (const id of ids) void instances.driver.terminate(id).catch(() => undefined);
        return {
          instancesSet: before.map(({ request, state }) => ({
            instanceId: request.instanceId,
            previousState: stateOf(state),
            currentState: stateOf(state === 'terminated' ? state : 'shutting-down'),
          })),
        };
      },
    },
  };
}
