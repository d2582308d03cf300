/** What the compiler says of the blocks of TypeScript in a document. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { root } from '../support/scanners.ts';
import type { Block } from './blocks.ts';

/** Where blocks stand as files: what they import from each other is there. */
const commandsFolder = join(root, 'src/commands');

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), (file) => readFileSync(file, 'utf8')).config,
  ts.sys,
  root,
);
/** A block shows a part: what it does not use itself is used elsewhere. */
const settings: ts.CompilerOptions = { ...options, noUnusedLocals: false, noUnusedParameters: false };
let before: ts.Program | undefined;

/** None when all is well; a finding has the place of its block. */
export function typescriptFindings(blocks: readonly Block[]): { place: string; finding: string }[] {
  if (blocks.length === 0) return [];
  const files = blocks.map((block, index) => [...fileOf(block, index), block] as const);
  const texts = new Map(files.map(([file, text]) => [file, text]));
  const host = ts.createCompilerHost(settings);
  const getSourceFile = host.getSourceFile.bind(host);
  host.fileExists = (file) => texts.has(file) || ts.sys.fileExists(file);
  host.readFile = (file) => texts.get(file) ?? ts.sys.readFile(file);
  host.getSourceFile = (file, target, ...rest) => {
    const text = texts.get(file);
    return text === undefined
      ? getSourceFile(file, target, ...rest)
      : ts.createSourceFile(file, text, target);
  };
  const program = ts.createProgram({
    rootNames: [...texts.keys()],
    options: settings,
    host,
    ...(before && { oldProgram: before }),
  });
  before = program;
  return files.flatMap(([file, , { place }]) => {
    const source = program.getSourceFile(file);
    const diagnostics = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return diagnostics.map(({ messageText }) => ({
      place,
      finding: ts.flattenDiagnosticMessageText(messageText, '\n'),
    }));
  });
}

/** An entry of an object, or of a list, as a statement. */
function statement(text: string): string {
  const code = text.trim().replace(/,$/, '');
  if (/^\w+: /.test(code)) return `export const block = { ${code} };`;
  return code.startsWith('{') ? `export const block = [${code}];` : text;
}

/**
 * A block as a file of src: what it names is imported. One that uses what a file of src keeps to itself goes on where that
 * one ends, and one that exports something is the file of that name.
 */
function fileOf({ text }: Block, index: number): [file: string, text: string] {
  const body = statement(text);
  const own = new Set([...body.matchAll(declaration)].map(([, , , name]) => name));
  // Keys, parameters and variables of its own are no names of src, nor is what comes after a dot or in quotes.
  const keys = [...body.matchAll(/(\w+)\??: |const (?:\{ )?(\w+)/g)].flat();
  const code = body.replace(/\/\*.*?\*\/|\/\/.*$/gms, '').replace(/`[^`]*`/g, '');
  const words = code.match(/(?<![\w.'/])[A-Za-z_]\w*/g);
  const used = [...new Set(words)].filter((name) => !own.has(name) && !keys.includes(name));
  const declared = used.flatMap((name) => declarations().get(name) ?? []);
  const host = declared.find(({ exported }) => !exported)?.file;
  const folder = host === undefined ? commandsFolder : dirname(host);
  const before = host === undefined ? '' : readFileSync(host, 'utf8');
  const imports = declared
    .filter(({ name, exported }) => exported && !before.includes(name))
    .map(
      ({ name, file, isType }) =>
        `import ${isType ? 'type ' : ''}{ ${name} } from './${relative(folder, file)}';`,
    );
  const [exported] = host === undefined ? own : [];
  return [join(folder, `${exported ?? `block-${index}`}.ts`), [...imports, before, body].join('\n')];
}

const declaration = /^(export )?(?:async )?(function|const|class|interface|type) (\w+)/gm;
interface Declared {
  name: string;
  file: string;
  exported: boolean;
  isType: boolean;
}
const known = new Map<string, Declared>();

/** What the files of src declare at their top; of several of one name, one that is exported. */
function declarations(): Map<string, Declared> {
  if (known.size > 0) return known;
  for (const path of globSync('src/**/*.ts', { cwd: root })) {
    const file = join(root, path);
    for (const [, exported, kind = '', name = ''] of readFileSync(file, 'utf8').matchAll(declaration))
      if (exported !== undefined || !known.has(name))
        known.set(name, {
          ...{ name, file, exported: exported !== undefined },
          isType: kind === 'interface' || kind === 'type',
        });
  }
  return known;
}
