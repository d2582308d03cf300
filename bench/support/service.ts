import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import { clientConfiguration } from '../../__tests__/e2e/support/client.ts';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { readPhases } from '../../scripts/demo/summary-phases.ts';
import { commitVersion, createRepository } from '../../scripts/demo/versions.ts';
import { runAction } from '../../scripts/runner/runner.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import type { Bench } from '../figure.ts';
import { initCommand, planCommand, stateBucket, withRoot } from './root.ts';
import { runStep } from './steps.ts';

const actionDirectory = fileURLToPath(new URL('../..', import.meta.url));

/** Waits as short as AWS allows, for both who deploy. */
const common = {
  capacity: { min: 3, max: 6 },
  network: { nat: 'none' },
  service: { instance_type: 't3.micro', warmup_seconds: 10 },
  load_balancer: {
    health_check_interval_seconds: 5,
    unhealthy_threshold: 2,
    deregistration_delay_seconds: 5,
  },
};

/** What is deployed. */
export interface Version {
  /** One that nobody deployed before. */
  number: number;
  /** For how long logs are kept. */
  logDays: number;
  /** Of the database; each number is another password. */
  passwordVersion: number;
  /** Whether the build has a step of half a minute that no cache has. */
  cold: boolean;
}

/** Seconds of the build's own step where it is cold. */
export const coldBuildSeconds = 30;
const coldDockerfile = 'Dockerfile.cold';

/** The sample application's, with a step that is done again for each version. */
function coldOf(dockerfile: string): string {
  const before = 'EXPOSE 3000\n';
  if (!dockerfile.includes(before)) throw new Error(`the Dockerfile has no line ${before}`);
  return dockerfile.replace(before, `RUN echo "$APP_VERSION" && sleep ${coldBuildSeconds}\n${before}`);
}

/** A service of the bench: its application's name, and where its cloud is up from the bench's first port. */
interface Place {
  application: string;
  port: number;
  database: boolean;
}

const places = {
  bench: { application: 'bench', port: 6, database: false },
  notes: { application: 'bench-notes', port: 10, database: true },
} satisfies Record<string, Place>;

/** How one deployment went; seconds. */
export interface Deployment {
  seconds: number;
  /** The refresh itself, by AWS's clock. */
  refresh: number;
  /** Phases of the action, or steps of the pipeline. */
  parts: Record<string, number>;
}

interface ActOptions {
  /** The output that the step has to end with. */
  status?: string;
  cancel?: AbortSignal;
}

/** The sample application on three containers as instances, deployed by the action and by a pipeline in turn. */
export class Service {
  readonly cloud: CloudDescription;
  readonly repository: string;
  readonly #place: Place;
  readonly #signal: AbortSignal;
  readonly #autoScaling: AutoScalingClient;
  /** Begins with the time: what an earlier run built is in Docker's cache, and would be built in no time. */
  #number = Math.floor(Date.now() / 1000) % 1_000_000;
  url = '';

  private constructor(cloud: CloudDescription, place: Place & { repository: string; signal: AbortSignal }) {
    this.cloud = cloud;
    this.repository = place.repository;
    this.#place = place;
    this.#signal = place.signal;
    this.#autoScaling = new AutoScalingClient(clientConfiguration(cloud));
  }

  /** Made once for all figures of a run: without a database, or as `notes` with one. */
  static shared(bench: Bench, name: keyof typeof places = 'bench'): Promise<Service> {
    const place = places[name];
    return bench.share(name, async () => {
      const port = String(bench.port + place.port);
      const close = async (): Promise<void> => cloudDown(port);
      try {
        const cloud = await cloudUp(port, { signal: bench.signal });
        const repository = await createRepository();
        const value = new Service(cloud, { ...place, repository, signal: bench.signal });
        await value.#commit();
        bench.say('the first deployment');
        value.url = (await value.act({ command: 'deploy' }, value.next())).outputs.url ?? '';
        return {
          value,
          close: async () => {
            await rm(repository, { recursive: true, force: true });
            await close();
          },
        };
      } catch (error) {
        await close();
        throw error;
      }
    });
  }

  async #commit(): Promise<void> {
    const dockerfile = await readFile(join(this.repository, 'Dockerfile'), 'utf8');
    await writeFile(join(this.repository, coldDockerfile), coldOf(dockerfile));
    await commitVersion(this.repository, { number: 1, version: '1', subject: 'The application', edits: [] });
  }

  next(others: Partial<Omit<Version, 'number'>> = {}): Version {
    this.#number += 1;
    return { number: this.#number, logDays: 7, passwordVersion: 1, cold: false, ...others };
  }

  #variables({ logDays, passwordVersion }: Version) {
    const database = this.#place.database ? { backup_days: 1, password_version: passwordVersion } : null;
    return { ...common, observability: { log_days: logDays }, database };
  }

  get #group(): string {
    return `${this.#place.application}-dev`;
  }

  /** One step with the action. */
  async act(
    inputs: Record<string, string>,
    version: Version,
    { status = 'deployed', cancel }: ActOptions = {},
  ): Promise<StepResult> {
    this.#signal.throwIfAborted();
    const { application } = this.#place;
    const builds = inputs.command === 'deploy';
    const result = await runAction({
      actionDirectory,
      inputs: {
        ...{ application, environment: 'dev', 'state-bucket': stateBucket },
        ...(builds && {
          'build-args': `APP_VERSION=${version.number}.0.0`,
          'terraform-variables': JSON.stringify(this.#variables(version)),
          ...(version.cold && { dockerfile: coldDockerfile }),
        }),
        ...inputs,
      },
      job: { workspace: this.repository },
      environment: { ...this.cloud.environment, AWS_EC2_METADATA_DISABLED: 'true' },
      cancel: AbortSignal.any([this.#signal, ...(cancel ? [cancel] : [])]),
    });
    if (result.outputs.status !== status)
      throw new Error(`${result.outputs.status ?? 'nothing'} instead of ${status}:\n${result.log}`);
    return result;
  }

  async deployWithAction(version: Version): Promise<Deployment> {
    const result = await this.act({ command: 'deploy' }, version);
    const parts = Object.fromEntries(readPhases(result.summary).map(({ name, seconds }) => [name, seconds]));
    return { seconds: result.seconds, refresh: await this.endOf(version), parts };
  }

  /** What people write: a login, a build, a push, Terraform, a refresh, and a loop that waits for it. */
  async deployWithPipeline(version: Version): Promise<Deployment> {
    const { application } = this.#place;
    const image = `127.0.0.1:${Number(new URL(this.cloud.endpoint).port) + 1000}/${application}`;
    const tag = `${image}:pipeline-${version.number}`;
    const dockerConfig = await mkdtemp(join(tmpdir(), 'asg-deploy-bench-docker-'));
    const dockerfile = version.cold ? coldDockerfile : 'Dockerfile';
    const parts: Record<string, number> = {};
    try {
      const environment = {
        ...this.cloud.environment,
        ...{ AWS_EC2_METADATA_DISABLED: 'true', AWS_PAGER: '', DOCKER_CONFIG: dockerConfig },
      };
      const step = async (name: string, script: string, cwd = this.repository): Promise<string> => {
        this.#signal.throwIfAborted();
        const { seconds, stdout } = await runStep(name, script, { cwd, environment, signal: this.#signal });
        parts[name] = seconds;
        return stdout;
      };
      const registry = image.split('/')[0] ?? '';
      await step(
        'login',
        `aws ecr get-login-password | docker login --username AWS --password-stdin ${registry}`,
      );
      await step(
        'build',
        `docker build --file ${dockerfile} --build-arg APP_VERSION=${version.number}.0.0 --tag ${tag} .`,
      );
      const digest = await step(
        'push',
        `docker push ${tag} >&2; docker inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' ${tag} | grep '^${image}@' | head -n 1`,
      );
      await withRoot(application, { ...this.#variables(version), image: digest }, async (root) => {
        await step('init', initCommand(application), root);
        await step('plan', planCommand, root);
        await step('apply', 'terraform apply -input=false plan', root);
        await step('refresh', refreshScript, root);
      });
    } finally {
      await rm(dockerConfig, { recursive: true, force: true });
    }
    const seconds = Object.values(parts).reduce((sum, each) => sum + each, 0);
    return { seconds, refresh: await this.endOf(version), parts };
  }

  /**
   * Asserts the state that a deployment is to end in: three instances in service, all on one template version, which the
   * group launches from now on, and all answering with the version.
   * @returns seconds that the refresh took
   */
  async endOf({ number }: Version): Promise<number> {
    const group = this.#group;
    const names = { AutoScalingGroupName: group };
    const { AutoScalingGroups } = await this.#autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
    );
    const { Instances = [], LaunchTemplate } = AutoScalingGroups?.[0] ?? {};
    const serving = Instances.filter(({ LifecycleState }) => LifecycleState === 'InService');
    const versions = new Set(serving.map((instance) => instance.LaunchTemplate?.Version));
    if (serving.length !== 3 || versions.size !== 1 || !versions.has(LaunchTemplate?.Version))
      throw new Error(`version ${number} ended with ${JSON.stringify(Instances)}`);
    for (let request = 0; request < 9; request += 1) {
      const answer = await fetch(this.url);
      const seen = answer.headers.get('x-app-version');
      if (!answer.ok || seen !== `${number}.0.0`)
        throw new Error(`${answer.status} of version ${seen ?? 'none'} instead of ${number}.0.0`);
    }
    const { InstanceRefreshes } = await this.#autoScaling.send(new DescribeInstanceRefreshesCommand(names));
    const [refresh] = InstanceRefreshes ?? [];
    if (refresh?.Status !== 'Successful') throw new Error(`the refresh is ${refresh?.Status ?? 'missing'}`);
    return ((refresh.EndTime?.getTime() ?? NaN) - (refresh.StartTime?.getTime() ?? NaN)) / 1000;
  }

  /** What a user is answered by. @throws Error when instances answer with different versions */
  async runningVersion(): Promise<string> {
    const seen = new Set<string>();
    for (let request = 0; request < 9; request += 1)
      seen.add((await fetch(this.url)).headers.get('x-app-version') ?? '');
    if (seen.size !== 1) throw new Error(`versions ${[...seen].join(', ')} answer at once`);
    return [...seen].join('');
  }

  /** Waits until some instance answers with the version. @returns whether one did within five minutes */
  async untilSeen({ number }: Version): Promise<boolean> {
    for (let look = 0; look < 1500; look += 1) {
      this.#signal.throwIfAborted();
      const answer = await fetch(this.url, { headers: { connection: 'close' } });
      if (answer.headers.get('x-app-version') === `${number}.0.0`) return true;
      await sleep(200);
    }
    return false;
  }

  /** Has the group grow or shrink; not waited for. */
  async resize(DesiredCapacity: number): Promise<void> {
    await this.#autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: this.#group, DesiredCapacity }),
    );
  }

  /** Waits until the group has so many instances in service and none on its way out. */
  async settle(instances: number): Promise<void> {
    for (let look = 0; look < 240; look += 1) {
      this.#signal.throwIfAborted();
      const { AutoScalingGroups } = await this.#autoScaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [this.#group] }),
      );
      const states = (AutoScalingGroups?.[0]?.Instances ?? []).map(({ LifecycleState }) => LifecycleState);
      if (states.length === instances && states.every((state) => state === 'InService')) return;
      await sleep(500);
    }
    throw new Error(`the group did not come to ${instances} instances`);
  }
}

/** Uses what `terraform output` says, as a pipeline does. */
const refreshScript = `
group=$(terraform output -raw autoscaling_group_name)
template=$(terraform output -raw launch_template_id)
version=$(terraform output -raw launch_template_version)
id=$(aws autoscaling start-instance-refresh --auto-scaling-group-name "$group" \\
  --desired-configuration "LaunchTemplate={LaunchTemplateId=$template,Version=$version}" \\
  --query InstanceRefreshId --output text)
while true; do
  status=$(aws autoscaling describe-instance-refreshes --auto-scaling-group-name "$group" \\
    --instance-refresh-ids "$id" --query 'InstanceRefreshes[0].Status' --output text)
  case "$status" in
    Successful) break ;;
    Failed | Cancelled | Rollback*) echo "the refresh is $status" >&2; exit 1 ;;
  esac
  sleep 15
done
`;
