import type { ReadHcl, Value } from '../hcl/index.ts';
import { isLiteral } from '../hcl/index.ts';
import type { Surroundings } from './parsers.ts';
import type { InputReader } from './reader.ts';

/** What the action itself gives every root. */
const reserved = ['application', 'environment', 'region', 'image'];

/** Whether a text has to be read by the parser of HCL, which the caller loads: all but JSON may have to be. */
export function mayBeHcl(text: string): boolean {
  return text.trim() !== '' && !text.trimStart().startsWith('{');
}

/**
 * Variables for the Terraform root: one JSON object, or `name = value` one after the other, with the comments of HCL. A
 * value that begins with ", [ or { is JSON or HCL, and may go on over several lines; one that begins with << is a
 * heredoc; null is null. Everything else is a text up to the end of its line, which Terraform turns into a number or a
 * bool where the variable is one. Values may be secret, so no problem shows one.
 */
export function parseVariables(
  reader: InputReader,
  input: string,
  { readHcl }: Pick<Surroundings, 'readHcl'> = {},
): Record<string, unknown> {
  const text = reader.text(input) ?? '';
  const variables = text.startsWith('{')
    ? parseObject(reader, input, text)
    : parseAssignments(reader, input, readHcl);
  for (const name of Object.keys(variables).filter((one) => reserved.includes(one))) {
    reader.refuse(input, undefined, `leave out ${name}: the action gives it`);
  }
  return variables;
}

function parseObject(reader: InputReader, input: string, text: string): Record<string, unknown> {
  const value = json(text);
  if (value === undefined)
    reader.refuse(input, undefined, 'give a JSON object, or name = value one after the other');
  return (value ?? {}) as Record<string, unknown>;
}

/** What is wrong, and where; lines and columns count from 1. */
interface Mistake {
  wrong: string;
  line: number;
  column: number;
}

/** One `name = value`, and how many lines it takes. */
interface Assignment {
  name: string;
  value: unknown;
  lines: number;
}

function parseAssignments(
  reader: InputReader,
  input: string,
  readHcl: ReadHcl | undefined,
): Record<string, unknown> {
  const variables: Record<string, unknown> = {};
  const lines = reader.raw(input).split(/\r?\n/);
  for (let rest = afterComments(lines); rest.length > 0;) {
    const read = readAssignment(rest, readHcl);
    if ('wrong' in read) {
      const line = lines.length - rest.length + read.line;
      const where = `line ${line}, column ${read.column}: ${read.wrong}`;
      reader.refuse(input, undefined, `give name = value one after the other, in HCL or JSON (${where})`);
      break;
    }
    const { name, value } = read;
    if (name in variables) reader.refuse(input, undefined, `give ${name} once`);
    variables[name] = value;
    rest = afterComments(rest.slice(read.lines));
  }
  return variables;
}

/** The lines from the first that says something; what stands behind a comment keeps its column. */
function afterComments(lines: readonly string[]): string[] {
  const at = lines.findIndex((line) => !/^\s*(#|\/\/|$)/.test(line));
  if (at < 0) return [];
  const [line = '', ...rest] = lines.slice(at);
  const open = /^\s*\/\*/.exec(line)?.[0].length;
  if (open === undefined) return [line, ...rest];
  const text = [line, ...rest];
  const end = text.findIndex((one, index) => one.includes('*/', index === 0 ? open : 0));
  // One that does not end is no comment.
  if (end < 0) return text;
  const behind = (text[end] ?? '').indexOf('*/', end === 0 ? open : 0) + 2;
  return afterComments([' '.repeat(behind) + (text[end] ?? '').slice(behind), ...text.slice(end + 1)]);
}

function readAssignment(lines: readonly string[], readHcl: ReadHcl | undefined): Assignment | Mistake {
  const [line = '', ...following] = lines;
  const { name, value = '' } = /^\s*(?<name>[A-Za-z_][\w-]*)\s*=\s*(?<value>.*)$/.exec(line)?.groups ?? {};
  const column = line.length - (name === undefined ? line.trimStart() : value).length + 1;
  if (name === undefined) return { wrong: 'this is no name = value', line: 1, column };
  if (/^(["[{]|<<|null\b)/.test(value)) return readLiteral(name, [value, ...following], column, readHcl);
  const { text, comment } =
    // eslint-disable-next-line security/detect-unsafe-regex -- one line of an input, and nothing is repeated twice
    /^(?<text>.*?)(?<comment>(^|\s+)(#|\/\/|\/\*).*)?$/.exec(value.trimEnd())?.groups ?? {};
  // In a text of words it may be meant either way.
  // eslint-disable-next-line security/detect-unsafe-regex -- the point separates its two parts
  if (comment !== undefined && !/^(true|false|-?\d+(\.\d+)?)$/.test(text ?? ''))
    return {
      wrong: `put the value of ${name} in quotes, for it holds what may be a comment`,
      line: 1,
      column,
    };
  return { name, value: text ?? '', lines: 1 };
}

/** A value that may go on: it takes as many lines as it needs to be whole. */
function readLiteral(
  name: string,
  lines: readonly string[],
  column: number,
  readHcl: ReadHcl | undefined,
): Assignment | Mistake {
  for (let taken = 1; taken <= lines.length; taken += 1) {
    const text = lines.slice(0, taken).join('\n');
    const fromJson = json(text);
    if (fromJson !== undefined) return { name, value: fromJson, lines: taken };
    const value = hclValue(text, readHcl);
    if (value === undefined) continue;
    if (isLiteral(value)) return { name, value, lines: taken };
    return { wrong: `the value of ${name} would have to be computed; give it as it is`, line: 1, column };
  }
  const { line = 1, column: found = 0 } = readHcl?.(prefix + lines.join('\n')).error ?? {};
  const place =
    line > 1 ? { line, column: found } : { line, column: column + Math.max(0, found - 1 - prefix.length) };
  return { wrong: `the value of ${name} is not whole, or not one`, ...place };
}

const prefix = 'v = ';

/** The value that a text of HCL is, and nothing else with it. */
function hclValue(text: string, readHcl: ReadHcl | undefined): Value | undefined {
  const { body, error } = readHcl?.(`${prefix}${text}\n`) ?? {};
  return error === undefined && body?.names.join() === 'v' ? body.attributes.v : undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
