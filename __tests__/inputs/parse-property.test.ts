/**
 * Ten thousand workflows, made of what people write into inputs and of what they do not: each is parsed, or refused in
 * words that name the input and say what would do.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commands } from '../../src/commands/registry.ts';
import { DeployError } from '../../src/core/index.ts';
import { loadHcl } from '../../src/hcl/index.ts';
import { parseInputs } from '../../src/inputs/index.ts';
import { inputDefaults } from '../../src/inputs/table.ts';

type InputName = keyof typeof inputDefaults;

const names = Object.keys(inputDefaults) as InputName[];
const secret = /^(github-token|webhook-url|terraform-variables)$/;
let readHcl: Awaited<ReturnType<typeof loadHcl>>;

beforeAll(async () => {
  readHcl = await loadHcl();
});

/** What is right in one input or another, and what is nearly right. */
const words = [
  ...Object.keys(commands),
  ...['true', 'false', 'yes', 'TRUE', 'none', 'auto', 'on', 'off', 'wait', 'adopt', 'replace', 'fail'],
  ...['rollback', 'leave', 'rolling', 'blue-green', 'proceed', 'roll-back', 'depoly', 'Rollback'],
  ...['shop', 'prod', 'dev', 'Shop_1', 'shop-prod', 'a', 'eu-north-1', 'eu-north', 'us-east-1'],
  ...['0', '1', '30', '60', '99', '100', '101', '200', '3600', '9O', '-1', '1e3', '1.5', '٣', '99999999999'],
  ...['20, 50, 100', '50,20,100', '100', '5\n25\n100', ',', '1,,2', '100, 100'],
  ...['.', '..', 'api', 'infrastructure', '/etc', 'nowhere', 'a/../..', 'Dockerfile', 'a b'],
  ...['1.11.4', '1.11', 'latest', 'v1.2.3', 'linux/amd64', 'linux/arm64', 'windows/amd64'],
  ...['arn:aws:iam::123456789012:role/deploy', 'arn:aws:iam::12:role/deploy', 'deploy'],
  ...['shop:v1', `sha256:${'a'.repeat(64)}`, `123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop:v1`],
  ...['https://example.com/hook', 'http://example.com', 'http://127.0.0.1:9/x', 'ftp://x', 'https://'],
  ...['/healthz', 'healthz', '//', '/a b', '200', '200-299, 302', '299-200', '99', '600'],
  ...['a = 1', 'a = "x"\nb = [1, 2]', '{"a": 1}', '{', 'a =', '= 1', 'image = x', 'a = <<EOT\nx', 'a = ${'],
  ...['A=1', 'A', '=1', 'A=1\nA=2', 'aws_lb.main', 'aws_db_instance', 'module.x["a"].aws_lb.b', '*.*'],
];

const character = fc.constantFrom(
  ...'aZ09-_./:=,@*"\'\\ \n\r\t\0{}[]()$%<>#é\u200b\ud83d\ude00\ud800'.split(''),
);
const anything = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.array(character, { maxLength: 12 }).map((all) => all.join('')) },
  { weight: 1, arbitrary: fc.nat().map(String) },
  { weight: 1, arbitrary: fc.constantFrom('x', '1', ' ', '\n', ',').map((one) => one.repeat(3000)) },
  // A word with a mistake in it.
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...words), fc.nat(20), character)
      .map(([word, at, one]) => word.slice(0, at) + one + word.slice(at)),
  },
);

/** Some of the inputs; those that have to be given, mostly right. */
const workflow = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...names), anything), { maxLength: 6 }),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([given, right]) => ({
    ...(right > 0 && { application: 'shop', environment: 'prod' }),
    ...(Object.fromEntries(given) as Record<string, string>),
  }));

const kinds: Record<string, 'file' | 'directory'> = {
  '/repository': 'directory',
  '/repository/Dockerfile': 'file',
  '/repository/api': 'directory',
  '/repository/api/Dockerfile': 'file',
  '/repository/infrastructure': 'directory',
};

const parse = (given: Record<string, string>) =>
  parseInputs((name) => given[name] ?? '', {
    ...{ workspace: '/repository', commands, readHcl },
    kind: (path) => kinds[path],
  });

/** What is said of each input that is refused; undefined where all are taken. */
function refusalsOf(given: Record<string, string>): { input: string; is: string }[] | undefined {
  try {
    parse(given);
    return undefined;
  } catch (error) {
    if (!(error instanceof DeployError) || error.reason !== 'input-invalid') throw error;
    if (error.evidence.length > 0)
      return error.evidence.map(({ label, text }) => ({ input: label, is: text }));
    const [, input = '', is = ''] = /^(\S+) is (.*)$/s.exec(error.message) ?? [];
    return [{ input, is }];
  }
}

/** Whether a refusal shows what was given, and says what would do. */
function isHelpful(given: Record<string, string>, { input, is }: { input: string; is: string }): boolean {
  const [, shown = '', advice = ''] = /^(not usable|empty|"(?:[^"\\]|\\.)*"); (.+)$/s.exec(is) ?? [];
  // The Dockerfile that nobody names lies in the context.
  const text =
    (given[input] ?? '').trim() ||
    (input === 'dockerfile'
      ? `${(given.context ?? '.').trim()}/Dockerfile`
      : inputDefaults[input as InputName]);
  if (advice.length < 8 || /undefined|\[object|NaN/.test(advice)) return false;
  if (shown === 'not usable') return true;
  if (shown === 'empty') return text === '';
  const parts = (JSON.parse(shown) as string).split(', ');
  return !secret.test(input) && parts.every((part) => text.includes(part.trim()));
}

describe('inputs', () => {
  it('are parsed, or refused by name, with the value and what would do', () => {
    let taken = 0;
    const runs = 10_000;
    fc.assert(
      fc.property(workflow, (given) => {
        const refusals = refusalsOf(given);
        if (refusals === undefined) taken += 1;
        for (const refusal of refusals ?? []) {
          if (!names.includes(refusal.input as InputName) || !isHelpful(given, refusal))
            throw new Error(`${refusal.input} is ${refusal.is}\ngiven: ${JSON.stringify(given)}`);
        }
      }),
      { numRuns: runs, seed: 20_261_128 },
    );
    // Neither all of one kind nor all of the other.
    expect(taken).toBeGreaterThan(runs / 20);
    expect(taken).toBeLessThan(runs / 2);
  });

  it('that are secret are in no refusal', () => {
    const canary = 'correct-horse-battery';
    fc.assert(
      fc.property(
        fc.constantFrom('github-token', 'webhook-url', 'terraform-variables'),
        anything,
        anything,
        (name, one, other) => {
          const given = { application: 'shop', environment: 'prod', [name]: `${one}${canary}${other}` };
          expect(JSON.stringify(refusalsOf(given) ?? [])).not.toContain(canary);
        },
      ),
      { numRuns: 1000, seed: 20_261_130 },
    );
  });
});
