/** The tables of terraform/README.md, made from the .tf files: what the code says is what the reader sees. */

interface Block {
  name: string;
  body: string;
}

/** Top-level blocks of one kind, in the order of the file; terraform fmt puts their closing brace at column 0. */
function blocks(source: string, kind: 'variable' | 'output'): Block[] {
  const pattern =
    kind === 'variable' ? /^variable "(\w+)" \{\n([\s\S]*?)^\}/gm : /^output "(\w+)" \{\n([\s\S]*?)^\}/gm;
  return [...source.matchAll(pattern)].map(([, name = '', body = '']) => ({ name, body }));
}

/** The value of an argument that stands alone on its line. */
function argument(body: string, name: string): string | undefined {
  for (const line of body.split('\n')) {
    const [key, ...value] = line.split('=');
    if (line.startsWith('  ') && !line.startsWith('   ') && key?.trim() === name)
      return value.join('=').trim();
  }
  return undefined;
}

const text = (quoted: string | undefined): string =>
  quoted === undefined ? '' : (JSON.parse(quoted) as string);

const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;

/** The fields of an object({…}) type: "name = optional(type, default)" or "name = type", one a line. */
function fields(body: string): [name: string, type: string, fallback: string][] {
  const found: [string, string, string][] = [];
  for (const line of body.split('\n')) {
    // eslint-disable-next-line security/detect-unsafe-regex -- reads our own files, a line at a time
    const match = /^ {4}(\w+) += (?:optional\()?(object|[a-z]+(?:\([a-z]+\))?)(?:\(\{)?(?:, (.+))?/.exec(
      line,
    );
    if (match === null) continue;
    const [, name = '', type = '', rest = ''] = match;
    found.push([name, type, line.includes('optional(') ? rest.replace(/\)$/, '') || 'null' : 'required']);
  }
  return found;
}

/** Inputs as one table, and a table of fields for each that is an object. */
export function inputTables(source: string): string {
  const variables = blocks(source, 'variable');
  const lines = [row('input', 'type', 'default', 'what it is'), '|---|---|---|---|'];
  for (const { name, body } of variables) {
    const type = (argument(body, 'type') ?? '').replace('object({', 'object');
    lines.push(
      row(
        `\`${name}\``,
        type,
        `\`${argument(body, 'default') ?? 'required'}\``,
        text(argument(body, 'description')),
      ),
    );
  }
  for (const { name, body } of variables) {
    if (!body.includes('object({')) continue;
    const type = body.slice(body.indexOf('object({'), body.indexOf('\n  })'));
    lines.push('', `\`${name}\``, '', row('field', 'type', 'default'), '|---|---|---|');
    for (const [field, fieldType, fallback] of fields(type))
      lines.push(row(`\`${field}\``, fieldType, `\`${fallback}\``));
  }
  return lines.join('\n');
}

export function outputTable(source: string): string {
  const lines = [row('output', 'what it is'), '|---|---|'];
  for (const { name, body } of blocks(source, 'output')) {
    lines.push(row(`\`${name}\``, text(argument(body, 'description'))));
  }
  return lines.join('\n');
}

/** What stands between the two markers of that name. */
export function between(document: string, marker: string): string {
  const start = `<!-- ${marker} -->\n`;
  const from = document.indexOf(start);
  const to = document.indexOf(`\n<!-- /${marker} -->`);
  if (from < 0 || to < from) throw new Error(`README.md has no part "${marker}"`);
  return document.slice(from + start.length, to).trim();
}
