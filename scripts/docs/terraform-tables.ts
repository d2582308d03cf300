/** The tables of inputs and outputs of a Terraform folder: what the code says is what a reader sees. */
import { join } from 'node:path';
import { declarations, expression, syntaxTree } from './hcl.ts';
import type { Node, Range } from './hcl.ts';

interface Field {
  /** With those of the objects that it is in: existing.vpc_id. */
  name: string;
  type: string;
  /** As it is written, or "required". */
  fallback: string;
}

const row = (...cells: string[]): string => `| ${cells.join(' | ').replaceAll('\n', ' ')} |`;

/** `list(string)` as it is; an object is one word, its fields have rows of their own. */
const shortType = (type: string): string => type.replace(/object\(\{[\s\S]*\}\)/, 'object');

/** The fields of a type that is an object, and of the objects in it. */
async function fieldsOf(type: string): Promise<Field[]> {
  const root = await syntaxTree(type);
  const bytes = Buffer.from(type);
  const text = ({ start, end }: Range): string => bytes.subarray(start.byte, end.byte).toString();
  const inside = (node: Node, prefix: string): Field[] => {
    const [object] = node.meta?.name === 'object' ? node.children : [];
    // Keys and values take turns.
    return (object?.children ?? []).flatMap((key, index, all) => {
      const value = all[index + 1];
      if (index % 2 === 1 || value === undefined) return [];
      const name = prefix + text(key.range);
      const [kind, fallback] = value.meta?.name === 'optional' ? (value.meta.argsRanges ?? []) : [];
      const declared = kind === undefined ? (value.meta?.value ?? '') : text(kind);
      const otherwise = kind === undefined ? 'required' : fallback === undefined ? 'null' : text(fallback);
      const nested = kind === undefined ? value : value.children[0];
      return [
        { name, type: shortType(declared), fallback: otherwise },
        ...(nested === undefined ? [] : inside(nested, `${name}.`)),
      ];
    });
  };
  return inside(root, '');
}

/**
 * Inputs as one table, and a table of fields for each that is an object.
 * @param folder absolute path of a root or module whose inputs are declared in variables.tf
 * @returns lines of Markdown
 */
export async function inputTables(folder: string): Promise<string[]> {
  const variables = await declarations(join(folder, 'variables.tf'), 'variable');
  const lines = [row('input', 'type', 'default', 'what it is'), '|---|---|---|---|'];
  for (const [name, declaration] of variables) {
    const fallback = 'default' in declaration ? `\`${JSON.stringify(declaration.default)}\`` : 'required';
    const type = shortType(expression(declaration.type));
    lines.push(row(`\`${name}\``, type, fallback, declaration.description ?? ''));
  }
  for (const [name, { type }] of variables) {
    const fields = await fieldsOf(expression(type));
    if (fields.length === 0) continue;
    lines.push('', `\`${name}\``, '', row('field', 'type', 'default'), '|---|---|---|');
    for (const field of fields) {
      const fallback = field.fallback === 'required' ? 'required' : `\`${field.fallback}\``;
      lines.push(row(`\`${field.name}\``, field.type, fallback));
    }
  }
  return ['', ...lines, ''];
}

/**
 * Names of the fields that each variable's object has, with those of the objects in it: `existing.vpc_id`; none where it is no
 * object.
 * @param folder absolute path of a root or module whose inputs are declared in variables.tf
 */
export async function fieldNames(folder: string): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>();
  for (const [name, { type }] of await declarations(join(folder, 'variables.tf'), 'variable'))
    names.set(
      name,
      (await fieldsOf(expression(type))).map((field) => field.name),
    );
  return names;
}

/**
 * Outputs as one table.
 * @param folder absolute path of a root or module whose outputs are declared in outputs.tf
 * @returns lines of Markdown
 */
export async function outputTable(folder: string): Promise<string[]> {
  const outputs = await declarations(join(folder, 'outputs.tf'), 'output');
  const rows = outputs.map(([name, { description = '' }]) => row(`\`${name}\``, description));
  return ['', row('output', 'what it is'), '|---|---|', ...rows, ''];
}
