import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface ActionFile {
  /** Default of each declared input by its name in action.yml; undefined when there is none. */
  inputs: Map<string, string | undefined>;
  /** Paths relative to the action's folder. */
  main: string;
  pre: string | undefined;
  post: string | undefined;
}

interface RawAction {
  inputs?: Record<string, { default?: unknown } | null>;
  runs?: { using?: unknown; main?: unknown; pre?: unknown; post?: unknown };
}

/**
 * Reads action.yml (or action.yaml) of a JavaScript action.
 *
 * @param directory the action's folder
 * @throws Error when there is no such file, or it is no node24 action
 */
export async function readActionFile(directory: string): Promise<ActionFile> {
  const text = await readFile(join(directory, 'action.yml'), 'utf8').catch(() =>
    readFile(join(directory, 'action.yaml'), 'utf8'),
  );
  // The runner reads every scalar as text: `default: true` is "true", and 1.10 stays 1.10.
  const raw = parse(text, { schema: 'failsafe' }) as RawAction;
  const { using, main, pre, post } = raw.runs ?? {};
  if (using !== 'node24') throw new Error(`only node24 actions can be run here, not ${String(using)}`);
  if (typeof main !== 'string') throw new Error('the action has no runs.main');
  const inputs = new Map<string, string | undefined>();
  for (const [name, input] of Object.entries(raw.inputs ?? {})) {
    inputs.set(name, typeof input?.default === 'string' ? input.default : undefined);
  }
  return { inputs, main, pre: asText(pre), post: asText(post) };
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/**
 * The INPUT_* variables of a step: every declared default, replaced by what `with:` gives. Spaces in a name become
 * underscores and letters upper case; hyphens stay. A default may be one `${{ github.<name> }}` expression.
 *
 * @param given what the workflow's `with:` says; a name that action.yml does not declare is passed on, as there
 * @param context values for `github.<name>`
 */
export function inputVariables(
  action: ActionFile,
  given: Record<string, string>,
  context: Record<string, string>,
): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of action.inputs) values.set(variableName(name), evaluate(value ?? '', context));
  for (const [name, value] of Object.entries(given)) values.set(variableName(name), value);
  return Object.fromEntries(values);
}

function variableName(input: string): string {
  return `INPUT_${input.replaceAll(' ', '_').toUpperCase()}`;
}

function evaluate(value: string, context: Record<string, string>): string {
  return value.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (whole, expression: string) => {
    const name = /^github\.(\w+)$/.exec(expression)?.[1];
    if (name === undefined) throw new Error(`${whole} can not be evaluated here: only github.<name> is`);
    return context[name] ?? '';
  });
}
