/**
 * Requests at the edge of what a model allows: for each constraint of an operation's input, one that just satisfies
 * it and one that just does not. Made from the model alone, without the code that is tested with them.
 */
import { asQuery } from './cloud.ts';
import { type Model, type Shape, shapeOf } from '../../../local-cloud/model/index.ts';

type Value = string | Value[] | { [name: string]: Value };

/** Two requests that differ in one constraint, as a query's parameters. */
export interface Probe {
  /** `preferences.minHealthyPercentage max` */
  name: string;
  /** Where AWS says that it is. */
  at: string;
  inside: Record<string, string>;
  outside: Record<string, string>;
}

/** Texts of every kind that the patterns of the models ask for. */
const TEXTS = [
  'a',
  'A',
  '1',
  '200',
  'aa-1',
  '1-1',
  'ipv4pool-coip-1',
  'arn:aws:x',
  '{}',
  '10.0.0.0/8',
  ' ',
  'é',
  '\u0001',
];

const fits = ({ pattern }: Shape, text: string): boolean =>
  // eslint-disable-next-line security/detect-non-literal-regexp -- AWS's own
  pattern === undefined || new RegExp(`^(?:${pattern})$`, 'u').test(text);

/** The edges of a scalar: [constraint, inside, outside]. */
function edges(shape: Shape): [string, string, string][] {
  const { type, min, max, pattern, enum: values } = shape;
  if (values !== undefined) return values.map((value) => [`enum ${value}`, value, 'Nonsense']);
  if (type !== 'string') {
    return [
      ...(min === undefined ? [] : [['min', String(min), String(min - 1)] as [string, string, string]]),
      ...(max === undefined ? [] : [['max', String(max), String(max + 1)] as [string, string, string]]),
    ];
  }
  const letter = ['a', '1'].find((one) => fits(shape, one.repeat(max ?? min ?? 1)));
  const found: [string, string, string][] = [];
  if (letter !== undefined) {
    if (min !== undefined && min > 0) found.push(['min', letter.repeat(min), letter.repeat(min - 1)]);
    if (max !== undefined && max < 100_000) found.push(['max', letter.repeat(max), letter.repeat(max + 1)]);
  }
  const [good, bad] = [TEXTS.find((text) => fits(shape, text)), TEXTS.find((text) => !fits(shape, text))];
  const sized = good?.padEnd(min ?? 0, letter ?? '');
  if (pattern !== undefined && sized !== undefined && bad !== undefined) {
    found.push(['pattern', sized, bad.padEnd(min ?? 0, bad)]);
  }
  return found;
}

function scalar(shape: Shape): string {
  if (shape.enum !== undefined) return shape.enum[0] ?? '';
  if (shape.type === 'boolean') return 'true';
  if (shape.type === 'timestamp') return '2026-11-27T00:00:00Z';
  if (shape.type !== 'string') return String(shape.min ?? 1);
  const text = TEXTS.find((one) => fits(shape, one)) ?? 'a';
  return text.padEnd(shape.min ?? 0, text);
}

/** Members that a structure has anyway: required ones, or some other, as a query can't have an empty structure. */
function leastMembers(model: Model, shape: Shape, but?: string): Record<string, Value> {
  const members = Object.entries(shape.members ?? {}).filter(([name]) => name !== but);
  const required = members.filter(([name]) => shape.required?.includes(name) === true);
  const isScalar = (name: string): boolean =>
    !['structure', 'list', 'map'].includes(shapeOf(model, name).type);
  const optional = members.find((member) => isScalar(member[1].shape)) ?? members[0];
  const chosen = required.length > 0 || optional === undefined ? required : [optional];
  return Object.fromEntries(chosen.map(([name, member]) => [name, least(model, member.shape)]));
}

/** The least value that the model allows. */
function least(model: Model, name: string): Value {
  const shape = shapeOf(model, name);
  if (shape.type === 'structure') return leastMembers(model, shape);
  if (shape.type !== 'list') return scalar(shape);
  return Array.from({ length: Math.max(1, shape.min ?? 1) }, () => least(model, shape.member?.shape ?? ''));
}

const lower = (name: string): string => name.slice(0, 1).toLowerCase() + name.slice(1);

/** Somewhere in an input: how AWS calls it, and a whole request with a value there. */
interface Spot {
  at: string;
  /** Undefined leaves it out. */
  request: (value: Value | undefined) => Record<string, string>;
}

function* structureProbes(
  model: Model,
  shape: Shape,
  spot: Spot,
  depth: readonly string[],
): Generator<Probe> {
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const at = spot.at === '' ? lower(name) : `${spot.at}.${lower(name)}`;
    const others = leastMembers(model, shape, name);
    const request = (value: Value | undefined): Record<string, string> =>
      spot.request(value === undefined ? others : { ...others, [name]: value });
    // A structure of one member can't be sent without it.
    const omitted = spot.at === '' || Object.keys(others).length > 0;
    if (omitted && shape.required?.includes(name) === true) {
      const inside = request(least(model, member.shape));
      yield { name: `${at} required`, at, inside, outside: request(undefined) };
    }
    yield* probesAt(model, member.shape, { at, request }, depth);
  }
}

function* probesAt(model: Model, name: string, spot: Spot, depth: readonly string[]): Generator<Probe> {
  // A shape that contains itself is looked at once.
  if (depth.includes(name)) return;
  const shape = shapeOf(model, name);
  const { at, request } = spot;
  const deeper = [...depth, name];
  if (shape.type === 'structure') {
    yield* structureProbes(model, shape, spot, deeper);
    return;
  }
  if (shape.type !== 'list') {
    for (const [constraint, inside, outside] of edges(shape)) {
      yield { name: `${at} ${constraint}`, at, inside: request(inside), outside: request(outside) };
    }
    return;
  }
  const member = shape.member?.shape ?? '';
  const many = (length: number): Value => Array.from({ length }, () => least(model, member));
  if (shape.min !== undefined && shape.min > 0) {
    yield { name: `${at} min`, at, inside: request(many(shape.min)), outside: request(many(shape.min - 1)) };
  }
  if (shape.max !== undefined && shape.max <= 100) {
    yield { name: `${at} max`, at, inside: request(many(shape.max)), outside: request(many(shape.max + 1)) };
  }
  const isStructure = ['structure', 'list', 'map'].includes(shapeOf(model, member).type);
  const inner = {
    at: isStructure ? `${at}.1.member` : at,
    request: (value: Value | undefined) => request(value === undefined ? [] : [value]),
  };
  yield* probesAt(model, member, inner, deeper);
}

/** Every probe of an operation of a query service. */
export function probesOf(model: Model, operation: string): Probe[] {
  const input = model.operations[operation]?.input;
  if (input === undefined) return [];
  const request = (value: Value | undefined): Record<string, string> =>
    asQuery(typeof value === 'object' ? value : {});
  return [...probesAt(model, input.shape, { at: '', request }, [])];
}
