/** Whether an answer on the wire fits AWS's published API model. */
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { dataFolder, type Model, type Shape, shapeOf } from '../../../local-cloud/model/index.ts';
import { homeFolder } from '../../../local-cloud/host/index.ts';

/** botocore's data; undefined where the emulator's Python environment has not been made. */
export const models = dataFolder(join(homeFolder(), 'venv'));

const SCALARS: Record<string, (text: string) => boolean> = {
  string: () => true,
  character: () => true,
  blob: () => true,
  boolean: (text) => text === 'true' || text === 'false',
  integer: (text) => /^-?\d+$/.test(text),
  long: (text) => /^-?\d+$/.test(text),
  float: (text) => Number.isFinite(Number(text)) && text !== '',
  double: (text) => Number.isFinite(Number(text)) && text !== '',
  timestamp: (text) => !Number.isNaN(Date.parse(text)) || !Number.isNaN(Number(text)),
};

function scalarProblems(shape: Shape, value: unknown, path: string): string[] {
  if (typeof value === 'object' && value !== null)
    return [`${path}: a structure where the model has ${shape.type}`];
  const text = String(value);
  if (SCALARS[shape.type]?.(text) !== true) return [`${path}: "${text}" is no ${shape.type}`];
  if (shape.enum !== undefined && !shape.enum.includes(text))
    return [`${path}: "${text}" is not in the enumeration`];
  return [];
}

/** What of an answer the model does not know, or misses. An empty list: it fits. */
export class Conformance {
  readonly #model: Model;
  readonly #json: boolean;

  constructor(model: Model) {
    this.#model = model;
    this.#json = model.metadata.protocol === 'json';
  }

  #structure(shape: Shape, value: unknown, path: string): string[] {
    // An empty element is a structure without members.
    const given = value === '' ? {} : value;
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      return [`${path}: not a structure`];
    const members = Object.entries(shape.members ?? {});
    const wireName = ([name, { locationName }]: (typeof members)[number]): string =>
      this.#json ? name : (locationName ?? name);
    const missing = members
      .filter((member) => shape.required?.includes(member[0]) === true && !(wireName(member) in given))
      .map(([name]) => `${path}.${name}: required, and not there`);
    const present = Object.entries(given).flatMap(([key, child]) => {
      if (key.startsWith('@_')) return [];
      const member = members.find((candidate) => wireName(candidate) === key);
      return member === undefined
        ? [`${path}.${key}: unknown to the model`]
        : this.#problems(member[1].shape, child, `${path}.${key}`);
    });
    return [...missing, ...present];
  }

  #list(shape: Shape, value: unknown, path: string): string[] {
    const member = shape.member ?? { shape: '' };
    let items: unknown = value;
    if (!this.#json) {
      if (value === '') return [];
      const wrapper = member.locationName ?? 'member';
      if (typeof value !== 'object' || value === null) return [`${path}: not a list`];
      const stray = Object.keys(value).filter((key) => key !== wrapper);
      if (stray.length > 0) return [`${path}: a list of ${stray.join(', ')} where the model has ${wrapper}`];
      const held = (value as Record<string, unknown>)[wrapper];
      items = Array.isArray(held) ? held : [held];
    }
    if (!Array.isArray(items)) return [`${path}: not a list`];
    return items.flatMap((item, index) => this.#problems(member.shape, item, `${path}[${index}]`));
  }

  #problems(name: string, value: unknown, path: string): string[] {
    const shape = shapeOf(this.#model, name);
    if (shape.type === 'structure') return this.#structure(shape, value, path);
    if (shape.type === 'list') return this.#list(shape, value, path);
    if (shape.type === 'map') return [];
    return scalarProblems(shape, value, path);
  }

  /** @param body an operation's successful answer, as it came over the wire */
  problems(operation: string, body: string): string[] {
    const output = this.#model.operations[operation]?.output;
    if (this.#json) return this.#problems(output?.shape ?? '', JSON.parse(body), operation);
    const parsed = new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(body) as Record<
      string,
      unknown
    >;
    const response = parsed[`${operation}Response`] as Record<string, unknown> | undefined;
    if (response === undefined) return [`${operation}: the answer is no ${operation}Response`];
    if (this.#model.metadata.protocol === 'ec2') {
      const { requestId, ...rest } = response;
      const problems = output === undefined ? [] : this.#problems(output.shape, rest, operation);
      return requestId === undefined ? [`${operation}: no requestId`, ...problems] : problems;
    }
    if (output === undefined) return [];
    return this.#problems(
      output.shape,
      response[output.resultWrapper ?? `${operation}Result`] ?? '',
      operation,
    );
  }
}
