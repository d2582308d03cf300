/**
 * Builds dist/, which is what `uses:` runs, from src/:
 *
 *   node scripts/build.ts            build it
 *   node scripts/build.ts --check    build it elsewhere and compare all of it with dist/
 *
 * tsc emits to build/; @vercel/ncc bundles that into one entry and one chunk for each `await import()`; each is
 * then minified by @swc/core, since ncc itself minifies the entry only. The bundle is CommonJS, which starts a
 * little faster, so dist/ has a package.json of its own.
 */
import { minify } from '@swc/core';
import ncc from '@vercel/ncc';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binaryOf } from './binaries.ts';
import { licensesOnce, type Package } from './licenses.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiled = join(root, 'build');
const dist = join(root, 'dist');
const licenses = 'licenses.txt';

/** Every file of the bundle by its name; nothing of it depends on where or when it is made. */
async function bundle(): Promise<Map<string, string | Buffer>> {
  await rm(compiled, { recursive: true, force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--project', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  const options = {
    cache: false,
    quiet: true,
    esm: false,
    license: licenses,
    target: 'es2022',
    // Of a package that has ES modules too, only what is used goes into the bundle: half a client of AWS, or less.
    mainFields: ['module', 'main'],
  };
  const { code, assets } = await ncc(join(compiled, 'index.js'), options);
  const files = new Map<string, string | Buffer>([
    ['index.js', code],
    ['post.js', "require('./index.js');\n"],
    ['package.json', '{ "type": "commonjs" }\n'],
  ]);
  for (const [name, { source }] of Object.entries(assets)) {
    // ncc copies the package.json files that it looks at; dist/ has its own.
    if (basename(name) !== 'package.json' && !name.endsWith('.wasm')) files.set(name, source.toString());
  }
  addBinaries(files, assets);
  for (const [name, text] of files)
    if (name.endsWith('.js')) files.set(name, await minified(text.toString()));
  files.set(licenses, licensesOnce((files.get(licenses) ?? '').toString(), installed));
  return files;
}

function installed(name: string): Package | undefined {
  if (!/^[@\w][\w./-]*$/.test(name)) return undefined;
  const manifest = join(root, 'node_modules', name, 'package.json');
  return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as Package) : undefined;
}

/** Binaries go in as they are, and by their own names. */
function addBinaries(
  files: Map<string, string | Buffer>,
  assets: Record<string, { source: string | Buffer }>,
): void {
  const modules = join(root, 'node_modules');
  const binaries = new Map<string, Buffer>();
  for (const [asset, { source }] of Object.entries(assets)) {
    if (!asset.endsWith('.wasm')) continue;
    const { name, content } = binaryOf(Buffer.from(source), modules);
    for (const [file, text] of files) files.set(file, text.toString().replaceAll(asset, name));
    binaries.set(name, content);
  }
  for (const [name, content] of binaries) files.set(name, content);
}

async function minified(text: string): Promise<string> {
  const names = { keep_classnames: true, keep_fnames: true } as const;
  const { code } = await minify(text, {
    module: false,
    ecma: 2022,
    compress: names,
    mangle: names,
    format: { comments: false },
  });
  return `${code.trimEnd()}\n`;
}

async function write(files: Map<string, string | Buffer>, folder: string): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), 'asg-deploy-build-'));
  try {
    for (const [name, text] of files) await writeFile(join(temporary, name), text);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await cp(temporary, folder, { recursive: true });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The names of files that are not what src/ builds: changed, missing or left over. */
async function differences(files: Map<string, string | Buffer>, folder: string): Promise<string[]> {
  const there = await readdir(folder, { recursive: true }).catch(() => []);
  const names = new Set([...files.keys(), ...there]);
  const different: string[] = [];
  for (const name of [...names].sort()) {
    const content = await readFile(join(folder, name)).catch(() => undefined);
    const built = files.get(name);
    if (built === undefined || !content?.equals(Buffer.from(built))) different.push(name);
  }
  return different;
}

const files = await bundle();
const leaking = [...files].filter(([, text]) => text.includes(root)).map(([name]) => name);
if (leaking.length > 0)
  throw new Error(`these files name the folder they were built in: ${leaking.join(', ')}`);
const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);

if (process.argv.includes('--check')) {
  const different = await differences(files, dist);
  if (different.length > 0) {
    console.error(
      `dist/ is not what src/ builds: ${different.join(', ')}. Run "npm run build" and commit dist/.`,
    );
    process.exit(1);
  }
  console.log(`dist/ is what src/ builds (${files.size} files, ${bytes.toLocaleString('en')} bytes)`);
} else {
  await write(files, dist);
  console.log(`dist/: ${files.size} files, ${bytes.toLocaleString('en')} bytes`);
}
