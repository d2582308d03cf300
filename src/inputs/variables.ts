import type { InputReader } from './reader.ts';

/** What the action itself gives every root. */
const reserved = ['application', 'environment', 'region', 'image'];

/**
 * Variables for the Terraform root: one JSON object, or one `name = value` a line. A line's value is a text,
 * which Terraform turns into a number or a bool where the variable is one; `null` and what begins with {, [
 * or " is JSON. Values may be secret, so no problem shows one.
 */
export function parseVariables(reader: InputReader, input: string): Record<string, unknown> {
  const text = reader.text(input) ?? '';
  const variables = text.startsWith('{') ? parseObject(reader, input, text) : parseLines(reader, input);
  for (const name of Object.keys(variables).filter((one) => reserved.includes(one))) {
    reader.refuse(input, undefined, `leave out ${name}: the action gives it`);
  }
  return variables;
}

function parseObject(reader: InputReader, input: string, text: string): Record<string, unknown> {
  const value = json(text);
  if (value === undefined) reader.refuse(input, undefined, 'give a JSON object, or one name = value a line');
  return (value ?? {}) as Record<string, unknown>;
}

function parseLines(reader: InputReader, input: string): Record<string, unknown> {
  const variables: Record<string, unknown> = {};
  for (const [index, line] of reader.lines(input).entries()) {
    const match = /^([A-Za-z_][\w-]*)\s*=\s*(.*)$/.exec(line);
    const name = match?.[1];
    const text = match?.[2] ?? '';
    const value = /^([{["]|null$)/.test(text) ? json(text) : text;
    if (name === undefined || value === undefined) {
      reader.refuse(input, undefined, `give one name = value a line (line ${index + 1} is not one)`);
    } else if (name in variables) {
      reader.refuse(input, undefined, `give ${name} once`);
    } else {
      variables[name] = value;
    }
  }
  return variables;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
