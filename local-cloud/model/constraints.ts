/**
 * What of a request does not satisfy its operation's model. Knows the traits of the model (Smithy's specification,
 * "Constraint traits") and how each protocol names members in a request; nothing about any service.
 */
import { type Member, type Model, type Shape, shapeOf } from './models.ts';

/** One thing that is wrong with a request. */
export interface Problem {
  kind: 'missing' | 'constraint' | 'type' | 'unknown';
  /** Where, in AWS's way of messages: `preferences.minHealthyPercentage`, `tags.1.member.key`. */
  at: string;
  /** What the member is called in a request: `Preferences`, `Key`. */
  name: string;
  /** The value as AWS shows it; undefined where there is none, or where it is sensitive. */
  value?: string;
  /** `Member must have length less than or equal to 255`; of a wrong type, what it was and what it should be. */
  constraint: string;
}

/** Where the walk is. */
interface Place {
  at: string;
  name: string;
}

const lowerFirst = (name: string): string => name.slice(0, 1).toLowerCase() + name.slice(1);
const upperFirst = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

const patterns = new Map<string, RegExp | undefined>();

/** A pattern of the model, which is Java's and has to match the whole value. Undefined where it is no pattern here. */
function compiled(pattern: string): RegExp | undefined {
  if (patterns.has(pattern)) return patterns.get(pattern);
  let found: RegExp | undefined;
  for (const flags of ['u', '']) {
    try {
      // eslint-disable-next-line security/detect-non-literal-regexp -- AWS's own, out of the installed package
      found ??= new RegExp(`^(?:${pattern})$`, flags);
    } catch {
      // Java takes escapes that the u flag doesn't, and flags within the pattern that nothing here takes.
    }
  }
  patterns.set(pattern, found);
  return found;
}

/** AWS's sentences of what a member has to satisfy. */
const sentence = {
  max: (what: Measure, max: number) => `Member must have ${what} less than or equal to ${max}`,
  min: (what: Measure, min: number) => `Member must have ${what} greater than or equal to ${min}`,
  pattern: (pattern: string) => `Member must satisfy regular expression pattern: ${pattern}`,
  values: (values: readonly string[]) => `Member must satisfy enum value set: [${values.join(', ')}]`,
};

type Measure = 'length' | 'value';

/** The constraints of one shape that a size or a text does not satisfy, in the order in which AWS names them. */
function sizeProblems({ min, max }: Shape, size: number, what: Measure): string[] {
  return [
    ...(max !== undefined && size > max ? [sentence.max(what, max)] : []),
    ...(min !== undefined && size < min ? [sentence.min(what, min)] : []),
  ];
}

function textProblems(shape: Shape, text: string): string[] {
  const { enum: values, pattern } = shape;
  if (values !== undefined && !values.includes(text)) {
    return [sentence.values(values)];
  }
  const fits = pattern === undefined || (compiled(pattern)?.test(text) ?? true);
  return [...sizeProblems(shape, [...text].length, 'length'), ...(fits ? [] : [sentence.pattern(pattern)])];
}

const isWhole = (text: string): boolean => /^[+-]?\d+$/.test(text);
const isDecimal = (text: string): boolean =>
  text === 'NaN' || (text.trim() === text && text !== '' && !Number.isNaN(Number(text)));
/** How a number is written. */
const NUMBERS: Record<string, (text: string) => boolean> = {
  ...{ integer: isWhole, long: isWhole },
  ...{ float: isDecimal, double: isDecimal },
};

/** All that a list's members have to satisfy, as AWS names it when one of them does not. */
function constraintsOf({ type, min, max, pattern, enum: values }: Shape): string {
  const what = NUMBERS[type] === undefined ? 'length' : 'value';
  const all = [
    ...(max === undefined ? [] : [sentence.max(what, max)]),
    ...(min === undefined ? [] : [sentence.min(what, min)]),
    ...(pattern === undefined ? [] : [sentence.pattern(pattern)]),
    ...(values === undefined ? [] : [sentence.values(values)]),
  ];
  return `[${all.join(', ')}]`;
}

const JAVA_NAMES: Record<string, string> = {
  string: 'String',
  character: 'String',
  integer: 'Integer',
  long: 'Long',
  float: 'Float',
  double: 'Double',
  boolean: 'Boolean',
};

/** What a value of JSON is called in the messages of AWS's parser. */
function tokenOf(value: unknown): string {
  if (Array.isArray(value)) return 'START_ARRAY';
  if (typeof value === 'string') return 'STRING_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
  return 'START_OBJECT';
}

/** How a value is shown in a message: lists as Java shows them. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, child]) => `${key}=${shown(child)}`);
  return `{${entries.join(', ')}}`;
}

/** Walks one request. */
class Walk {
  readonly #model: Model;
  readonly #protocol: string;
  readonly problems: Problem[] = [];

  constructor(model: Model, protocol: string) {
    this.#model = model;
    this.#protocol = protocol;
  }

  get #json(): boolean {
    return this.#protocol === 'json';
  }

  #wireName(name: string, { locationName, queryName }: Member): string {
    if (this.#protocol !== 'ec2') return locationName ?? name;
    return queryName ?? upperFirst(locationName ?? name);
  }

  #add(kind: Problem['kind'], { at, name }: Place, constraint: string, value?: string): void {
    this.problems.push({ kind, at, name, constraint, ...(value !== undefined && { value }) });
  }

  #refuse(place: Place, shape: Shape, value: unknown, constraints: readonly string[]): void {
    const text = shape.sensitive === true ? undefined : shown(value);
    for (const constraint of constraints) this.#add('constraint', place, constraint, text);
  }

  /** True when the value can be what the model has. Query protocols have nothing but texts. */
  #fits(type: string, value: unknown): boolean {
    if (this.#json) {
      if (type === 'string' || type === 'blob' || type === 'character') return typeof value === 'string';
      if (type === 'timestamp') return typeof value === 'number' || typeof value === 'string';
      if (type === 'float' || type === 'double')
        return typeof value === 'number' || /^(NaN|-?Infinity)$/.test(shown(value));
      return type === 'boolean' ? typeof value === 'boolean' : Number.isInteger(value);
    }
    if (typeof value !== 'string') return false;
    if (type === 'boolean') return /^(true|false)$/i.test(value);
    if (type === 'timestamp') return isDecimal(value) || !Number.isNaN(Date.parse(value));
    return NUMBERS[type]?.(value) ?? true;
  }

  #scalar(shape: Shape, value: unknown, place: Place): void {
    if (!this.#fits(shape.type, value)) {
      const wanted = JAVA_NAMES[shape.type] ?? shape.type;
      this.#add('type', place, this.#json ? `${tokenOf(value)} cannot be converted to ${wanted}` : wanted);
      return;
    }
    this.#refuse(place, shape, value, this.#scalarProblems(shape, value));
  }

  #scalarProblems(shape: Shape, value: unknown): string[] {
    if (shape.type === 'string') return textProblems(shape, String(value));
    if (NUMBERS[shape.type] !== undefined) return sizeProblems(shape, Number(value), 'value');
    if (shape.type !== 'blob') return [];
    return sizeProblems(shape, Buffer.from(String(value), 'base64').length, 'length');
  }

  structure(shape: Shape, value: unknown, place: Place): void {
    // A query has no empty structure: its name alone stands for one.
    const given = value === '' && !this.#json ? {} : value;
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      this.#add('type', place, `${tokenOf(value)} found where a structure was expected`);
      return;
    }
    const children = given as Record<string, unknown>;
    for (const [name, member] of Object.entries(shape.members ?? {})) {
      const wire = this.#wireName(name, member);
      const at = place.at === '' ? lowerFirst(name) : `${place.at}.${lowerFirst(name)}`;
      const child = Object.hasOwn(children, wire) ? children[wire] : undefined;
      if (child !== undefined && child !== null) this.visit(member.shape, child, { at, name: wire });
      else if (shape.required?.includes(name) === true)
        this.#add('missing', { at, name: wire }, 'Member must not be null', 'null');
    }
  }

  /** Of the members of the request itself, those that the model does not know. */
  unknown(shape: Shape, parameters: object): void {
    const known = new Set(
      Object.entries(shape.members ?? {}).map(([name, member]) => this.#wireName(name, member)),
    );
    for (const name of Object.keys(parameters)) {
      if (!known.has(name))
        this.#add('unknown', { at: name, name }, `The parameter ${name} is not recognized`);
    }
  }

  /** The members of a list, which a query may have under a name of their own; undefined when it is none. */
  #items(value: unknown): unknown[] | undefined {
    if (Array.isArray(value)) return value as unknown[];
    if (this.#json) return undefined;
    if (value === '') return [];
    const children = typeof value === 'object' && value !== null ? Object.values(value) : [];
    const only: unknown = children.length === 1 ? children[0] : undefined;
    return Array.isArray(only) ? (only as unknown[]) : undefined;
  }

  #list(shape: Shape, value: unknown, place: Place): void {
    const items = this.#items(value);
    if (items === undefined) {
      this.#add('type', place, `${tokenOf(value)} found where a list was expected`);
      return;
    }
    this.#refuse(place, shape, items, sizeProblems(shape, items.length, 'length'));
    const member = shape.member?.shape ?? '';
    const inner = shapeOf(this.#model, member);
    if (['structure', 'list', 'map'].includes(inner.type)) {
      items.forEach((item, index) =>
        this.visit(member, item, { at: `${place.at}.${index + 1}.member`, name: place.name }),
      );
      return;
    }
    const misfit = items.find((item) => !this.#fits(inner.type, item));
    if (misfit !== undefined) this.#scalar(inner, misfit, place);
    else if (items.some((item) => this.#scalarProblems(inner, item).length > 0)) {
      this.#refuse(place, inner, items, [`Member must satisfy constraint: ${constraintsOf(inner)}`]);
    }
  }

  #map(shape: Shape, value: unknown, place: Place): void {
    const given = value === '' && !this.#json ? {} : value;
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      this.#add('type', place, `${tokenOf(value)} found where a map was expected`);
      return;
    }
    const entries = Object.entries(given);
    this.#refuse(place, shape, given, sizeProblems(shape, entries.length, 'length'));
    const key = shapeOf(this.#model, shape.key?.shape ?? '');
    if (entries.some(([name]) => this.#scalarProblems(key, name).length > 0)) {
      this.#refuse(place, key, given, [`Map keys must satisfy constraint: ${constraintsOf(key)}`]);
    }
    for (const [name, child] of entries) {
      const inside = { at: `${place.at}.${name}.member`, name: place.name };
      this.visit(shape.value?.shape ?? '', child, inside);
    }
  }

  visit(name: string, value: unknown, place: Place): void {
    const shape = shapeOf(this.#model, name);
    if (shape.type === 'structure') this.structure(shape, value, place);
    else if (shape.type === 'list') this.#list(shape, value, place);
    else if (shape.type === 'map') this.#map(shape, value, place);
    else this.#scalar(shape, value, place);
  }
}

/**
 * Everything that is wrong with a request by its operation's model; an operation that the model does not have is
 * not judged.
 * @param protocol how the request came: `query`, `ec2` or `json`
 * @param parameters as the gateway parses them
 */
export function problemsOf(
  model: Model,
  protocol: string,
  { operation, parameters }: { operation: string; parameters: Record<string, unknown> },
): Problem[] {
  const input = Object.hasOwn(model.operations, operation) ? model.operations[operation]?.input : undefined;
  if (input === undefined) return [];
  const walk = new Walk(model, protocol);
  const shape = shapeOf(model, input.shape);
  walk.structure(shape, parameters, { at: '', name: '' });
  if (protocol === 'ec2') walk.unknown(shape, parameters);
  return walk.problems;
}
