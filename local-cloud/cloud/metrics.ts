/** What the services publish to CloudWatch, under AWS's names and dimensions. */
import type { Fleet } from '../fleet/index.ts';
import type { Service, AnswerFilter } from '../gateway/index.ts';
import { type Configuration, type Served, targetGroupsInUse } from '../load-balancer/index.ts';
import { AlarmEvaluation, createMetricService, type Dimensions, MetricStore } from '../metrics/index.ts';
import { createAlarmBook } from '../moto/index.ts';
import type { Answers } from '../simulation/index.ts';
import type { AssemblyOptions } from './options.ts';

/** How often in a minute of CloudWatch states are looked at; AWS publishes them once. */
const LOOKS = 6;

const BALANCER = 'AWS/ApplicationELB';

/** `app/shop/0123456789abcdef` and `targetgroup/shop/0123456789abcdef`, as dimensions have them. */
const suffix = (arn: string): string =>
  arn
    .split(':')
    .slice(5)
    .join(':')
    .replace(/^loadbalancer\//, '');

/** Where states are read from. */
export interface Sources {
  configuration(): Configuration;
  health(targetGroupArn: string): { instanceId: string; state: string }[];
  groups(): Fleet['state']['groups'];
}

type Zones = (instanceId: string) => string | undefined;

/** CloudWatch of one cloud. */
export interface Metrics {
  service: Service;
  filters: AnswerFilter[];
  /** A request that a load balancer answered. */
  served: (loadBalancerArn: string, request: Served) => void;
  /** Many of them that ended alike. */
  answered: (answers: Answers) => void;
  /** To be called often: publishes states and evaluates alarms when it is time. */
  step(sources: Sources): Promise<void>;
}

class Publisher {
  readonly #store: MetricStore;
  readonly #now: () => number;

  constructor(store: MetricStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  balancer(name: string, value: number, ...dimensions: Dimensions[]): void {
    this.balancerAt({ at: this.#now(), times: 1 }, name, value, dimensions);
  }

  balancerAt(
    { at, times }: { at: number; times: number },
    name: string,
    value: number,
    where: readonly Dimensions[],
  ): void {
    for (const dimensions of where)
      this.#store.record({ namespace: BALANCER, name, dimensions }, at, value, times);
  }

  group(name: string, value: number, dimensions: Dimensions): void {
    this.#store.record({ namespace: 'AWS/AutoScaling', name, dimensions }, this.#now(), value);
  }
}

/** Requests that ended alike: those of the load balancer, and of the target group where a target was chosen. */
function publishAnswers(publish: Publisher, answers: Answers): void {
  const { status, by, at, times, latencies, unreachable, target } = answers;
  const count = (name: string, where: Dimensions[], value = 1): void =>
    publish.balancerAt({ at, times }, name, value, where);
  const LoadBalancer = suffix(answers.loadBalancerArn);
  const inZone = (dimensions: Dimensions): Dimensions[] =>
    target?.zone === undefined
      ? [dimensions]
      : [dimensions, { ...dimensions, AvailabilityZone: target.zone }];
  const balancer = inZone({ LoadBalancer });
  const hundreds = `${Math.floor(status / 100)}XX`;
  if (by === 'balancer') {
    count(`HTTPCode_ELB_${hundreds}_Count`, balancer);
    if ([500, 502, 503, 504].includes(status)) count(`HTTPCode_ELB_${status}_Count`, balancer);
  }
  if (target === undefined) return;
  const TargetGroup = suffix(target.group);
  const group = inZone({ LoadBalancer, TargetGroup });
  const both = [...balancer, ...group];
  count('RequestCount', both);
  count('RequestCountPerTarget', [{ TargetGroup }, { LoadBalancer, TargetGroup }], 1 / target.of);
  if (by === 'target') count(`HTTPCode_Target_${hundreds}_Count`, both);
  for (const [seconds, often] of latencies ?? [])
    publish.balancerAt({ at, times: often }, 'TargetResponseTime', seconds, both);
  if (unreachable === true) count('TargetConnectionErrorCount', both);
}

/** One request of many. */
function answersOf(
  loadBalancerArn: string,
  { seconds, target, ...how }: Served,
  { at, zone }: { at: number; zone: string | undefined },
): Answers {
  return {
    ...{ loadBalancerArn, ...how, at, times: 1 },
    ...(seconds !== undefined && { latencies: new Map([[seconds, 1]]) }),
    ...(target && { target: { group: target.group, zone, of: target.of } }),
  };
}

/** How the targets are, and a request count of nought where there are targets and no requests. */
function publishTargets(publish: Publisher, sources: Sources, zoneOf: Zones): void {
  const configuration = sources.configuration();
  for (const balancer of configuration.loadBalancers) {
    const LoadBalancer = suffix(balancer.arn);
    for (const arn of targetGroupsInUse({ ...configuration, loadBalancers: [balancer] }).keys()) {
      const targets = sources.health(arn).filter(({ state }) => state !== 'draining' && state !== 'unused');
      if (targets.length === 0) continue;
      const dimensions = { LoadBalancer, TargetGroup: suffix(arn) };
      publish.balancer('RequestCount', 0, { LoadBalancer }, dimensions);
      const count = (among: typeof targets, where: Dimensions): void => {
        const healthy = among.filter(({ state }) => state === 'healthy').length;
        publish.balancer('HealthyHostCount', healthy, where);
        publish.balancer('UnHealthyHostCount', among.length - healthy, where);
      };
      count(targets, dimensions);
      for (const zone of new Set(targets.flatMap(({ instanceId }) => zoneOf(instanceId) ?? [])))
        count(
          targets.filter(({ instanceId }) => zoneOf(instanceId) === zone),
          { ...dimensions, AvailabilityZone: zone },
        );
    }
  }
}

/** The metrics that a group collects, for those that were asked for with EnableMetricsCollection. */
function publishGroups(publish: Publisher, groups: Fleet['state']['groups']): void {
  for (const { name, settings, instances, metrics } of groups.values()) {
    if (metrics.size === 0) continue;
    const having = (state: string): number =>
      [...instances.values()].filter(({ lifecycle }) => lifecycle.startsWith(state)).length;
    const values: Record<string, number> = {
      GroupMinSize: settings.minSize,
      GroupMaxSize: settings.maxSize,
      GroupDesiredCapacity: settings.desiredCapacity,
      GroupInServiceInstances: having('InService'),
      GroupPendingInstances: having('Pending'),
      GroupStandbyInstances: having('Standby'),
      GroupTerminatingInstances: having('Terminating'),
      GroupTotalInstances: instances.size,
    };
    for (const [metric, value] of Object.entries(values))
      if (metrics.has(metric)) publish.group(metric, value, { AutoScalingGroupName: name });
  }
}

/**
 * CloudWatch for one cloud.
 * @param now milliseconds since the epoch, of the clock that the instances live by
 */
export function createMetrics(
  { clients, metricMinute, metricDelay, log }: AssemblyOptions,
  now: () => number,
  zone: Zones,
): Metrics {
  const store = new MetricStore();
  const publish = new Publisher(store, now);
  const minute = metricMinute * 1000;
  const alarms = new AlarmEvaluation({
    ...{ store, now, minute, log },
    book: createAlarmBook(clients.cloudWatch),
  });
  let looked = -1;
  return {
    service: createMetricService(store, { now, minute, delay: metricDelay * 1000 }),
    filters: [
      {
        service: 'monitoring',
        operations: ['PutMetricAlarm', 'DeleteAlarms', 'SetAlarmState'],
        async apply(_call, body) {
          await alarms.reload();
          return body;
        },
      },
    ],
    served: (arn, request) => {
      const where = request.target && zone(request.target.instanceId);
      publishAnswers(publish, answersOf(arn, request, { at: now(), zone: where }));
    },
    answered: (answers) => publishAnswers(publish, answers),
    async step(sources) {
      const look = Math.floor(now() / (minute / LOOKS));
      if (look === looked) return;
      looked = look;
      // What the minute before says is judged before anything of this one is seen.
      await alarms.step();
      publishTargets(publish, sources, zone);
      publishGroups(publish, sources.groups());
    },
  };
}
