import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { CloudDescription } from '../../../scripts/demo/cloud.ts';
import type { StepResult } from '../../../scripts/runner/runner.ts';
import type { TokenJob } from '../../../scripts/runner/identity-tokens.ts';
import { eventually } from '../../support/eventually.ts';
import { deployRole } from './github-jobs.ts';
import type { GithubJobs } from './github-jobs.ts';
import { Project } from './project.ts';

export interface Deployment {
  command?: string;
  variables?: Record<string, unknown>;
  inputs?: Record<string, string>;
}

export interface EnvironmentsOptions {
  jobs: GithubJobs;
  /** The job of a workflow that deploys an environment. */
  job: (environment: string) => TokenJob;
}

/** Environments of one application on terraform/ as it is, each with its own variables file and its own deploy role. */
export class Environments {
  readonly #project: Project;
  readonly #jobs: GithubJobs;
  /** The job of a workflow that deploys an environment. */
  readonly #job: (environment: string) => TokenJob;
  readonly #account: string;
  readonly #client: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };

  private constructor(project: Project, cloud: CloudDescription, options: EnvironmentsOptions) {
    this.#project = project;
    this.#jobs = options.jobs;
    this.#job = options.job;
    const credentials = { accessKeyId: 'operator', secretAccessKey: 'local-cloud' };
    this.#client = { endpoint: cloud.endpoint, region: cloud.region, credentials };
    this.#account = cloud.accountId;
  }

  static async create(
    application: string,
    cloud: CloudDescription,
    options: EnvironmentsOptions,
  ): Promise<Environments> {
    return new Environments(await Project.create(application, cloud), cloud, options);
  }

  /** One run of the action, in a job that has nothing but the right to ask GitHub for a token. */
  run(
    environment: string,
    { command = 'deploy', variables = {}, inputs = {} }: Deployment = {},
  ): Promise<StepResult> {
    return this.#project.deploy({
      inputs: {
        ...{ command, environment, region: this.#client.region, 'terraform-directory': '' },
        'role-to-assume': deployRole(this.#project.application, environment, this.#account),
        // Each has a database, unless it says that it has none.
        'terraform-variables': JSON.stringify({ database: {}, ...variables }),
        ...inputs,
      },
      environment: this.#jobs.variables(this.#job(environment)),
    });
  }

  destroy(environment: string, variables: Record<string, unknown> = {}): Promise<StepResult> {
    const confirmation = `${this.#project.application}-${environment}`;
    return this.run(environment, {
      command: 'destroy',
      variables,
      inputs: { 'confirm-destroy': confirmation },
    });
  }

  /** The commit that is checked out, which is the tag of its image. */
  head(): string {
    return this.#project.head();
  }

  /** The digest of the image of the commit, once it is in the registry. */
  async pushed(): Promise<string> {
    const imageIds = [{ imageTag: this.#project.head() }];
    const look = new DescribeImagesCommand({ repositoryName: this.#project.application, imageIds });
    const ecr = new ECRClient(this.#client);
    return eventually(
      `the image ${this.#project.head()}`,
      async () => (await ecr.send(look).catch(() => undefined))?.imageDetails?.[0]?.imageDigest,
    );
  }

  /** Template version of each instance of the group. */
  async versions(environment: string): Promise<(string | undefined)[]> {
    const name = `${this.#project.application}-${environment}`;
    const { AutoScalingGroups } = await new AutoScalingClient(this.#client).send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    );
    return (AutoScalingGroups?.[0]?.Instances ?? []).map(({ LaunchTemplate }) => LaunchTemplate?.Version);
  }

  /** What an operator does by hand. */
  async writeParameter(name: string, value: string): Promise<void> {
    const command = new PutParameterCommand({ Name: name, Value: value, Type: 'String', Overwrite: true });
    await new SSMClient(this.#client).send(command);
  }

  /** Undefined where there is none. */
  async readParameter(name: string): Promise<string | undefined> {
    const command = new GetParameterCommand({ Name: name });
    const answer = await new SSMClient(this.#client).send(command).catch(() => undefined);
    return answer?.Parameter?.Value;
  }

  remove(): Promise<void> {
    return this.#project.remove();
  }
}
