/** The image phase against a small ECR of the test's own and a docker that only says what the real one would. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { normalName } from '../../src/core/index.ts';
import { findIdentity } from '../../src/image/identity.ts';
import { checkRepository } from '../../src/image/target.ts';
import { findImage, findImageToRun, publishImage, startBuild } from '../../src/image/index.ts';
import { commitAll } from '../support/folders.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import { installFakeDocker } from '../support/fake-docker.ts';
import { fakeRun } from '../support/fake-run.ts';
import { writeRoot } from '../support/terraform-roots.ts';
import type { Inputs } from '../../src/inputs/table.ts';
import type { Run } from '../../src/run/run.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import type { FakeDocker } from '../support/fake-docker.ts';

const id = `sha256:${'1'.repeat(64)}`;
const pushed = `sha256:${'2'.repeat(64)}`;
const uri = '127.0.0.1:5000/shop';
const versions = `echo '{"Client":{"Version":"28.2.2"},"Server":{"Version":"28.2.2"}}'`;
/** Writes the image's id where --iidfile says. */
const build = `while [ "$1" != --iidfile ]; do shift; done; printf ${id} > "$2"; echo "Step 1/1 : FROM scratch"`;
const pushes = `echo "v: digest: ${pushed} size: 1"`;
const working = { version: versions, 'buildx version': 'exit 1', build, push: pushes };

let aws: FakeAws;
let docker: FakeDocker | undefined;
/** The commit that is checked out. */
let sha = '';
let folder = '';
const hasDockerHost = process.env.DOCKER_HOST;

beforeEach(async () => {
  aws = await startFakeAws();
  aws.repositories.set('shop', { uri, images: [] });
  folder = writeRoot({ Dockerfile: 'FROM scratch\n' });
  sha = commitAll(folder);
});
afterEach(async () => {
  docker?.restore();
  docker = undefined;
  if (hasDockerHost !== undefined) process.env.DOCKER_HOST = hasDockerHost;
  await aws.close();
});

function start(answers: Record<string, string>, changed: Partial<Inputs> = {}) {
  docker = installFakeDocker(answers);
  const context = folder;
  const dockerfile = join(context, 'Dockerfile');
  const fake = fakeRun(aws.endpoint, { context, dockerfile, platform: 'linux/amd64', ...changed });
  fake.run.github.sha = sha;
  return fake;
}

const calls = () => docker?.calls().map(({ args }) => args.join(' ')) ?? [];
const has = (tags: string[], labels: Record<string, string> = {}) =>
  aws.repositories.get('shop')?.images.push({
    imageDigest: pushed,
    imageTags: tags,
    imagePushedAt: 1_700_000_000,
    labels,
  });
/** The labels that a build of what is checked out would get. */
const labelsOf = async (run: Run) => ({ 'asg-deploy.build-inputs': (await findIdentity(run)).digest });

describe('an image that is not there', () => {
  it('is built, pushed under the commit and latest, and known by the registry’s digest', async () => {
    const { run, secrets } = start(working);
    const built = await startBuild(run);
    expect(built).toMatchObject({ kind: 'local', tag: sha, commit: sha, imageId: id });
    has([]);
    await expect(publishImage(run, built, uri)).resolves.toEqual({
      repository: uri,
      tag: sha,
      digest: pushed,
      reference: `${uri}@${pushed}`,
      built: true,
    });
    expect(calls()).toEqual(
      expect.arrayContaining([`tag ${id} ${uri}:${sha}`, `push ${uri}:${sha}`, `push ${uri}:latest`]),
    );
    expect(secrets).toContain('a-secret-token');
  });

  it('is pushed with a password by stdin in a configuration of its own that is gone afterwards', async () => {
    const { run } = start(working);
    const built = await startBuild(run);
    has([]);
    await publishImage(run, built, uri);
    const all = docker?.calls() ?? [];
    const login = all.find(({ args }) => args[0] === 'login');
    expect(login?.args.join(' ')).toBe('login --username AWS --password-stdin 127.0.0.1:5000');
    expect(login?.stdin).toBe('a-secret-token');
    // An entry without a password: docker then keeps it in this file and asks no credential helper.
    expect(JSON.parse(login?.configText ?? '')).toEqual({ auths: { '127.0.0.1:5000': {} } });
    expect(login?.config?.startsWith(run.temporaryDirectory)).toBe(true);
    expect(existsSync(login?.config ?? '/')).toBe(false);
    expect(all.filter(({ args }) => args[0] === 'push').map(({ config }) => config)).toEqual([
      login?.config,
      login?.config,
    ]);
    expect(all.find(({ args }) => args[0] === 'build')?.config).toBeUndefined();
    expect(calls().join('\n')).not.toContain('a-secret-token');
  });

  it('is named after its content where no commit is known', async () => {
    const { run, lines } = start(working);
    rmSync(join(folder, '.git'), { recursive: true });
    const tag = expect.stringMatching(/^content-[0-9a-f]{12}$/);
    await expect(startBuild(run)).resolves.toMatchObject({ tag, commit: '' });
    expect(lines.join('\n')).toContain('named after its content');
  });

  it('is built once more where Docker lost, while it built, what it had found', async () => {
    const gone = `unable to find image "sha256:${'4'.repeat(64)}"`;
    const once = `[ -e ${folder}.seen ] || { touch ${folder}.seen; echo "Step 2/2 : COPY . /"; echo '${gone}' >&2; exit 1; }`;
    const { run, lines } = start({ ...working, build: `${once}; ${build}` });
    await expect(startBuild(run)).resolves.toMatchObject({ imageId: id });
    expect(lines.join('\n')).toContain('building it again');
    const always = start({ ...working, build: `echo '${gone}' >&2; exit 1` });
    await expect(startBuild(always.run)).rejects.toMatchObject({ reason: 'image-build' });
    expect(calls().filter((call) => call.startsWith('build '))).toHaveLength(2);
    rmSync(`${folder}.seen`);
  });

  it('may keep latest where it is when tags are immutable', async () => {
    const { run, warnings } = start({
      ...working,
      [`push ${uri}:latest`]:
        'echo "tag invalid: The image tag latest already exists and cannot be overwritten because the repository is immutable." >&2; exit 1',
      [`push ${uri}:${sha}`]: pushes,
    });
    const built = await startBuild(run);
    has([]);
    await expect(publishImage(run, built, uri)).resolves.toMatchObject({ digest: pushed });
    expect(warnings).toEqual([expect.stringContaining('latest')]);
  });
});

describe('an image that is there', () => {
  it('is neither built nor pushed again', async () => {
    const { run } = start(working);
    has([sha], await labelsOf(run));
    const built = await startBuild(run);
    await expect(publishImage(run, built, uri)).resolves.toMatchObject({ digest: pushed, built: false });
    expect(calls()).toEqual([]);
  });

  it.each<[string, Record<string, string>]>([
    ['no label', {}],
    ['the label of another build', { 'asg-deploy.build-inputs': 'another' }],
  ])('under the commit with %s is not taken for this one', async (_name, labels) => {
    has([sha], labels);
    const { run, lines } = start(working);
    const built = await startBuild(run);
    expect(built).toMatchObject({ kind: 'local', tag: expect.stringMatching(/^[0-9a-f]{40}-[0-9a-f]{8}$/) });
    expect(built).toMatchObject({ tag: expect.stringContaining(sha) });
    expect(lines.join('\n')).toContain('nothing on it says that it was built from just this');
  });

  it('is used when another run pushed it during the build', async () => {
    const { run } = start(working);
    const built = await startBuild(run);
    has([sha], await labelsOf(run));
    await expect(publishImage(run, built, uri)).resolves.toMatchObject({ digest: pushed, built: false });
    expect(calls().filter((call) => call.startsWith('push'))).toEqual([]);
  });

  it.each<[string, Record<string, string> | undefined, string | undefined]>([
    ['the same build', undefined, undefined],
    ['no label', {}, 'nothing on that image says'],
    ['another build', { 'asg-deploy.build-inputs': 'another' }, 'nothing on that image says'],
    [
      'another commit',
      { 'org.opencontainers.image.revision': 'd'.repeat(40) },
      `made from commit ${'d'.repeat(40)}`,
    ],
  ])('can not be overwritten by a push that loses the race: %s', async (_name, labels, said) => {
    const { run } = start({
      ...working,
      push: 'echo "tag invalid: already exists, immutable" >&2; exit 1',
    });
    const built = await startBuild(run);
    // Not there when it is looked for, there when the push is refused.
    aws.failNext('ECR.DescribeImages', { status: 400, code: 'ImageNotFoundException' });
    has([sha], labels ?? (await labelsOf(run)));
    const publishing = publishImage(run, built, uri);
    if (said === undefined) await expect(publishing).resolves.toMatchObject({ digest: pushed, built: false });
    else
      await expect(publishing).rejects.toMatchObject({
        reason: 'image-push',
        message: expect.stringContaining(said),
      });
  });
});

describe('the input image', () => {
  it.each([
    ['a tag', 'v1'],
    ['a digest', pushed],
    ['a full reference', `${uri}:v1`],
  ])('by %s is resolved to a digest', async (_name, image) => {
    has(['v1']);
    const { run } = start(working, { image });
    await expect(startBuild(run)).resolves.toMatchObject({
      kind: 'existing',
      image: { reference: `${uri}@${pushed}` },
    });
    expect(calls()).toEqual([]);
  });

  it('that is missing is told with what there is', async () => {
    has(['v1']);
    has(['v2', 'latest']);
    const { run } = start(working, { image: 'v3' });
    await expect(startBuild(run)).rejects.toMatchObject({
      reason: 'image-missing',
      message: expect.stringMatching(/no image v3: repository shop has, newest first: (v1, v2|v2, v1)/),
    });
  });

  it.each([
    ['no such repository', () => aws.repositories.clear(), 'there is no repository shop'],
    ['an empty repository', () => undefined, 'holds no tagged image'],
  ])('with %s says so', async (_name, given, said) => {
    given();
    const { run } = start(working, { image: 'v3' });
    await expect(startBuild(run)).rejects.toMatchObject({
      reason: 'image-missing',
      message: expect.stringContaining(said),
    });
  });

  it.each(['dkr.ecr-fips.eu-north-1.amazonaws.com', 'dkr-ecr.eu-north-1.on.aws'])(
    'keeps the name of the registry that it was given: %s',
    async (host) => {
      has(['v1']);
      const repository = `123456789012.${host}/shop`;
      const { run } = start(working, { image: `${repository}:v1` });
      await expect(startBuild(run)).resolves.toMatchObject({
        image: { reference: `${repository}@${pushed}` },
      });
      expect(calls()).toEqual([]);
    },
  );

  it('of another registry is resolved by docker', async () => {
    const { run } = start(
      { 'image inspect': `echo '["ghcr.io/o/shop@${pushed}"]'` },
      { image: 'ghcr.io/o/shop:v1', terraformDirectory: 'infrastructure' },
    );
    await expect(startBuild(run)).resolves.toMatchObject({
      image: { reference: `ghcr.io/o/shop@${pushed}` },
    });
  });

  it.each([
    ['nginx:1.27', 'docker.io'],
    [`ghcr.io/o/shop@${pushed}`, 'ghcr.io'],
    ['registry.internal:5000/shop', 'registry.internal:5000'],
  ])('%s, of another registry, is refused where the bundled root would run it', async (image, registry) => {
    const { run } = start({ 'image inspect': `echo '["nginx@${pushed}"]'` }, { image });
    for (const asked of [startBuild(run), findImageToRun(run, image)]) {
      await expect(asked).rejects.toMatchObject({
        reason: 'input-invalid',
        message: expect.stringContaining(`image is "${image}", which is in the registry ${registry};`),
        left: 'Nothing was touched.',
        next: expect.stringContaining('pull-through cache'),
      });
    }
    expect(calls()).toEqual([]);
  });

  it.each([
    ['docker.io/library/nginx:1.27', 'nginx'],
    ['nginx:1.27', 'nginx'],
    ['index.docker.io/nginx:1.27', 'docker.io/library/nginx'],
    ['GHCR.io/o/shop:v1', 'ghcr.io/o/shop'],
  ])('%s is what docker calls %s', async (image, name) => {
    const { run } = start({ 'image inspect': `echo '["h.io/x@sha256:1","${name}@${pushed}"]'` }, { image });
    const { reference } = await findImage(run, image);
    expect(reference).toBe(`${normalName(name)}@${pushed}`);
  });

  it('that is a commit finds the only image of it, and asks which of several', async () => {
    has([`${sha}-0123abcd`]);
    const { run } = start(working, { image: sha });
    await expect(findImage(run, sha)).resolves.toMatchObject({ digest: pushed, tag: `${sha}-0123abcd` });
    has([`${sha}-4567abcd`]);
    await expect(findImage(run, sha)).rejects.toMatchObject({
      reason: 'image-missing',
      message: expect.stringMatching(/several were built from that commit: .*-0123abcd/),
    });
  });

  it('behind a pull-through cache is pulled with a login, though there is no repository yet', async () => {
    const cache = '123456789012.dkr.ecr.eu-north-1.amazonaws.com/docker-hub/library/nginx';
    const { run } = start({ 'image inspect': `echo '["${cache}@${pushed}"]'` });
    await expect(findImage(run, `${cache}:1.27`)).resolves.toMatchObject({
      reference: `${cache}@${pushed}`,
    });
    expect(calls()).toContain(`pull --quiet --platform linux/amd64 ${cache}:1.27`);
  });

  describe('of a registry elsewhere that is closed to the role', () => {
    const role = 'arn:aws:sts::123456789012:assumed-role/shop-prod-deploy/job';
    const closed = (place: string, by: string) => {
      for (const operation of ['DescribeRepositories', 'DescribeImages']) {
        const what = `User: ${role} is not authorized to perform: ecr:${operation} on resource: arn:aws:ecr:${place}:repository/team/shop`;
        const message = `${what} because no ${by} allows the ecr:${operation} action`;
        aws.failNext(`ECR.${operation}`, { status: 400, code: 'AccessDeniedException', message });
      }
    };
    const pullAccounts =
      'in account 210987654321, apply terraform/bootstrap with "123456789012" in pull_accounts';

    it.each([
      {
        title: "another account's, by that one",
        ...{ place: 'eu-west-1:210987654321', by: 'resource-based policy' },
        where: 'of account 210987654321 in eu-west-1',
        todo: `${pullAccounts}, and run this job again`,
      },
      {
        title: "another account's, by this one",
        ...{ place: 'eu-north-1:210987654321', by: 'identity-based policy' },
        where: 'of account 210987654321',
        todo: 'in account 123456789012, apply terraform/bootstrap with "210987654321.dkr.ecr.eu-north-1.amazonaws.com/team/shop" in image_repositories, and run this job again',
      },
      {
        title: "another region's",
        ...{ place: 'eu-west-1:123456789012', by: 'identity-based policy' },
        where: 'in eu-west-1',
        todo: 'apply terraform/bootstrap of eu-north-1 with "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/shop" in image_repositories, and run this job again',
      },
    ])('says what to run: $title', async ({ place, by, where, todo }) => {
      const [region, account] = place.split(':');
      const repository = `${account}.dkr.ecr.${region}.amazonaws.com/team/shop`;
      closed(place, by);
      const { run } = start({ pull: 'echo "403 Forbidden" >&2; exit 1' });
      await expect(findImage(run, `${repository}@${pushed}`)).rejects.toMatchObject({
        reason: 'image-missing',
        message: `repository team/shop ${where} is closed to this job: it may neither look for ${pushed} there nor pull it`,
        evidence: [{ label: 'AWS said', text: expect.stringContaining(`because no ${by} allows`) }],
        left: 'Nothing was touched.',
        next: expect.stringMatching(`^${todo}`),
      });
    });

    it('says both where AWS does not say which side it is', async () => {
      aws.failNext('ECR.DescribeRepositories', { status: 400, code: 'AccessDeniedException', message: 'no' });
      aws.failNext('ECR.DescribeImages', { status: 400, code: 'AccessDeniedException', message: 'no' });
      const { run } = start({ pull: 'exit 1' });
      const image = `210987654321.dkr.ecr.eu-west-1.amazonaws.com/shop@${pushed}`;
      await expect(findImage(run, image)).rejects.toMatchObject({
        next: expect.stringMatching(
          /^in account 210987654321, .* in pull_accounts, and in account 123456789012, .* in image_repositories, and run/,
        ),
      });
    });

    it('may be pulled from all the same', async () => {
      closed('eu-west-1:210987654321', 'resource-based policy');
      const repository = '210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/shop';
      const { run } = start({ 'image inspect': `echo '["${repository}@${pushed}"]'` });
      await expect(findImage(run, `${repository}@${pushed}`)).resolves.toMatchObject({
        reference: `${repository}@${pushed}`,
      });
    });

    it('is no repository to deploy from in another region', async () => {
      closed('eu-west-1:123456789012', 'identity-based policy');
      const repository = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/shop';
      const { run } = start(working, { repository });
      await expect(checkRepository(run)).rejects.toMatchObject({
        message: 'repository team/shop in eu-west-1 is closed to this job: it may not look at it',
        next: expect.stringContaining(`"${repository}" in image_repositories`),
      });
    });
  });

  it('that is no image’s name is refused', async () => {
    const { run } = start(working, { image: 'not an image' });
    await expect(startBuild(run)).rejects.toMatchObject({
      reason: 'input-invalid',
      left: 'Nothing was touched.',
    });
    expect(aws.calls).toEqual([]);
  });
});

describe('what can go wrong', () => {
  it('a missing Dockerfile is refused before anything is asked', async () => {
    const { run } = start(working, { dockerfile: '/nonexistent/Dockerfile' });
    await expect(startBuild(run)).rejects.toMatchObject({
      reason: 'input-invalid',
      message: expect.stringContaining('/nonexistent/Dockerfile'),
    });
    expect([...aws.calls, ...calls()]).toEqual([]);
  });

  it.each([
    [
      'no daemon',
      'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." >&2; exit 1',
      'does not answer',
      'start it',
    ],
    [
      'no permission',
      'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1',
      'may not use it',
      'group docker',
    ],
  ])('%s', async (_name, version, said, next) => {
    const { run } = start({ ...working, version });
    await expect(startBuild(run)).rejects.toMatchObject({
      reason: 'docker-unavailable',
      message: expect.stringContaining(said),
      next: expect.stringContaining(next),
    });
  });

  it('no docker at all', async () => {
    const { run } = start(working);
    const path = process.env.PATH;
    process.env.PATH = '/nonexistent';
    await expect(startBuild(run)).rejects.toMatchObject({
      reason: 'docker-unavailable',
      next: expect.stringContaining('input image'),
    });
    process.env.PATH = path;
  });

  it('a Dockerfile that does not build shows its step and nothing is pushed', async () => {
    const { run } = start({
      ...working,
      build: `echo "Step 2/3 : RUN make"; echo "no rule to make target"; echo "The command returned a non-zero code: 2" >&2; exit 1`,
    });
    await expect(startBuild(run)).rejects.toMatchObject({
      reason: 'image-build',
      message: 'the image does not build: RUN make failed',
      evidence: expect.arrayContaining([
        expect.objectContaining({ text: expect.stringContaining('no rule to make target') }),
      ]),
      left: expect.stringContaining('Nothing was pushed'),
    });
    expect(calls().some((call) => call.startsWith('push'))).toBe(false);
  });

  it('a registry that refuses the push is quoted, and the login is removed', async () => {
    const { run } = start({
      ...working,
      push: 'echo "denied: not authorized to perform: ecr:PutImage" >&2; exit 1',
    });
    const built = await startBuild(run);
    await expect(publishImage(run, built, uri)).rejects.toMatchObject({
      reason: 'image-push',
      message: expect.stringContaining('ecr:PutImage'),
      left: expect.stringContaining('Nothing was deployed'),
    });
    expect(existsSync(docker?.calls().find(({ args }) => args[0] === 'login')?.config ?? '/')).toBe(false);
  });

  it('a refused login and a refused call of ECR', async () => {
    const first = start({ ...working, login: 'echo "unauthorized" >&2; exit 1' });
    await expect(publishImage(first.run, await startBuild(first.run), uri)).rejects.toMatchObject({
      reason: 'image-push',
      message: expect.stringContaining('refuses the login'),
    });
    aws.failNext('ECR.DescribeImages', { status: 400, code: 'AccessDeniedException', message: 'no' });
    await expect(startBuild(first.run)).rejects.toMatchObject({
      reason: 'image-push',
      next: expect.stringContaining('ecr:DescribeImages'),
    });
  });

  it('a push that the registry does not know afterwards is no success', async () => {
    const { run } = start(working);
    await expect(publishImage(run, await startBuild(run), uri)).rejects.toMatchObject({
      reason: 'image-push',
      message: expect.stringContaining('does not know'),
    });
  });

  it('a cancelled build is ended and pushes nothing', async () => {
    const { run, controller } = start({ ...working, build: 'echo building; exec sleep 30' });
    const building = startBuild(run);
    setTimeout(() => controller.abort(new Error('cancelled')), 500);
    await expect(building).rejects.toThrow('cancelled');
  });
});
