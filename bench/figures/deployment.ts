import type { Bench, Figure, Outcome, Row } from '../figure.ts';
import { ratioOf, spreadOf } from '../statistics.ts';
import { coldBuildSeconds, Service, type Deployment, type Version } from '../support/service.ts';

interface Round {
  action: Deployment;
  pipeline: Deployment;
}

/** Deploys with both, in turn, and whoever was first in one round is second in the next. */
async function compare(
  bench: Bench,
  { rounds, version: versionOf }: { rounds: number; version: (number: number) => Partial<Version> },
): Promise<Round[]> {
  const service = await Service.shared(bench);
  let number = 0;
  const next = () => service.next(versionOf((number += 1)));
  // The first one finds caches cold that later ones find warm.
  await service.deployWithPipeline(next());
  const compared: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const first = round % 2 === 0 ? await service.deployWithAction(next()) : undefined;
    const pipeline = await service.deployWithPipeline(next());
    const action = first ?? (await service.deployWithAction(next()));
    compared.push({ action, pipeline });
    bench.say(`round ${round + 1} of ${rounds}: ${JSON.stringify({ action, pipeline })}`);
  }
  return compared;
}

const partOf = ({ parts }: Deployment, names: string[]): number =>
  names.reduce((sum, name) => sum + (parts[name] ?? 0), 0);

/** What no deployment can do without, with the times that the same programs took in the pipeline of the same round. */
function criticalPath({ action, pipeline }: Round): number {
  const image = partOf(pipeline, ['login', 'build', 'push']);
  const backend = partOf(pipeline, ['init']);
  return Math.max(image, backend) + partOf(pipeline, ['plan', 'apply']) + action.refresh;
}

function rowsOf(what: string, rounds: readonly Round[], aim: number): Row[] {
  const ours = rounds.map(({ action }) => action.seconds);
  const theirs = rounds.map(({ pipeline }) => pipeline.seconds);
  const least = rounds.map(criticalPath);
  const ratio = ratioOf(ours, theirs);
  const overhead = ratioOf(ours, least);
  return [
    {
      what,
      value: spreadOf(ours),
      unit: 's',
      against: { what: 'the usual pipeline', value: spreadOf(theirs) },
      ratio,
      aim: { text: `≤ ${aim}`, met: ratio.median <= aim },
      note: `the action: ${medians(rounds.map(({ action }) => action))}. The pipeline: ${medians(rounds.map(({ pipeline }) => pipeline))}`,
    },
    {
      what: `${what}: overhead`,
      value: spreadOf(ours),
      unit: 's',
      against: { what: 'the critical path', value: spreadOf(least) },
      ratio: overhead,
      aim: { text: '≤ 1.03', met: overhead.median <= 1.03 },
    },
  ];
}

/** "build 1.2 s, push 0.4 s" */
function medians(deployments: readonly Deployment[]): string {
  const names = Object.keys(deployments[0]?.parts ?? {});
  const parts = names.map((name) => {
    const { median } = spreadOf(deployments.map(({ parts }) => parts[name] ?? 0));
    return `${name} ${median.toFixed(1)} s`;
  });
  const { median } = spreadOf(deployments.map(({ refresh }) => refresh));
  return `${parts.join(', ')}; the refresh itself ${median.toFixed(1)} s`;
}

const how =
  'The sample application on the bundled Terraform root, a group of 3 Docker containers that boot with the real user data, a cached build. The action and the pipeline (`aws ecr get-login-password`, `docker build`, `docker push`, `terraform init`, `plan`, `apply`, `aws autoscaling start-instance-refresh`, and a loop that asks every 15 s) deploy a new version onto the same environment in turn; after each, three instances in service on one template version have to answer with the new version. The critical path is the longer of (login, build, push) and init, then plan and apply, with the times that they took in the pipeline, and then the refresh itself.';
const leftOut = [
  "the start-up of the pipeline's JavaScript actions (credentials, ECR login, buildx, setup-terraform), about a second and a half together, and the wrapper of setup-terraform: they can't be downloaded here.",
  'downloads: the action, Terraform, its provider, which come from disk.',
  'machines: instances are containers, which boot in seconds; on EC2 the refresh is longer and the ratios closer to 1.',
];

async function measureImage(bench: Bench): Promise<Outcome> {
  const rounds = await compare(bench, { rounds: bench.rounds ?? 5, version: () => ({}) });
  return { rows: rowsOf('a new image alone', rounds, 0.75) };
}

async function measureCold(bench: Bench): Promise<Outcome> {
  const rounds = await compare(bench, { rounds: bench.rounds ?? 3, version: () => ({ cold: true }) });
  return { rows: rowsOf(`a new image, ${coldBuildSeconds} s to build`, rounds, 0.7) };
}

async function measureChange(bench: Bench): Promise<Outcome> {
  // Another retention of logs in each deployment.
  const days = [7, 14, 30, 60];
  const version = (number: number) => ({ logDays: days[number % days.length] ?? 7 });
  const rounds = await compare(bench, { rounds: bench.rounds ?? 3, version });
  return { rows: rowsOf('a new image and an infrastructure change', rounds, 0.85) };
}

export const deployment: Figure = {
  name: 'deployment',
  title: 'A whole deployment: a new image',
  how,
  leftOut,
  measure: measureImage,
};

export const deploymentCold: Figure = {
  name: 'deployment-cold',
  title: 'A whole deployment: a new image that no cache has',
  how: `As above, and the Dockerfile has a step of ${coldBuildSeconds} s that is done anew for each version.`,
  leftOut: ['what is left out above.'],
  measure: measureCold,
};

export const deploymentWithChange: Figure = {
  name: 'deployment-change',
  title: 'A whole deployment: a new image and an infrastructure change',
  how: 'As above, and each deployment changes for how long logs are kept.',
  leftOut: ['what is left out above.'],
  measure: measureChange,
};
