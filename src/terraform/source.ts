import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { DeployError, nearest } from '../core/index.ts';

/** What was read from a root's own files before Terraform sees them. */
export interface RootSource {
  variables: string[];
  /** Names of the variables that are declared ephemeral: they have to be given again when a plan is applied. */
  ephemeral: string[];
  /** Type of the backend block, or undefined where there is none. */
  backend: string | undefined;
}

const neverCopied = new Set(['.terraform', '.git', 'node_modules']);

/**
 * Copies a root to a private folder, so that Terraform may write its lock file and data beside it and the user's
 * folder stays as it is. The root's siblings, up to `top`, are there as links: modules and files that the root names
 * by `../` are found.
 *
 * @param root absolute path of the Terraform root
 * @param top folder above the root beyond which nothing is linked
 * @returns the path of the copy
 */
export async function copyRoot(root: string, top: string, into: string): Promise<string> {
  const path = relative(top, root);
  const steps = path === '' || path.startsWith('..') ? [] : path.split(sep);
  let original = steps.length === 0 ? dirname(root) : top;
  let copy = into;
  for (const step of steps.length === 0 ? [basename(root)] : steps) {
    await mkdir(copy, { recursive: true });
    for (const name of await readdir(original))
      if (name !== step) await symlink(join(original, name), join(copy, name));
    original = join(original, step);
    copy = join(copy, step);
  }
  await cp(root, copy, {
    recursive: true,
    filter: (source) =>
      !neverCopied.has(basename(source)) && !/\.tfstate(\.backup)?$/.test(source) && source !== into,
  });
  return copy;
}

/** Reads which variables and backend the files of a root declare. */
export async function readRoot(root: string): Promise<RootSource> {
  const names = (await readdir(root)).filter((name) => /\.(tf|tofu)(\.json)?$/.test(name));
  if (names.length === 0) {
    throw new DeployError({
      reason: 'input-invalid',
      message: `${root} holds no Terraform files`,
      left: 'Nothing was touched.',
      next: 'name the folder of your Terraform root as terraform-directory, or leave it out to use the one that comes with the action',
    });
  }
  const texts = await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(root, name), 'utf8') })),
  );
  const parts = texts.map(({ name, text }) => (name.endsWith('.json') ? scanJson(text) : scanHcl(text)));
  return {
    variables: parts.flatMap(({ variables }) => variables),
    ephemeral: parts.flatMap(({ ephemeral }) => ephemeral),
    backend: parts.find(({ backend }) => backend !== undefined)?.backend,
  };
}

/** The declarations in a file of HCL. Only block headers are looked at, so no parser is needed. */
export function scanHcl(text: string): RootSource {
  const source = text.replace(/\/\*[\s\S]*?\*\//g, '');
  const headers = [...source.matchAll(/^\s*variable\s+"?([\w-]+)"?\s*\{/gm)];
  const ephemeral = headers.filter((header, index) => {
    const body = source.slice(header.index, headers[index + 1]?.index);
    return /^\s*ephemeral\s*=\s*true\b/m.test(body);
  });
  return {
    variables: headers.map(([, name]) => name ?? ''),
    ephemeral: ephemeral.map(([, name]) => name ?? ''),
    backend: /(?:^|\{)[ \t]*backend\s+"([\w-]+)"\s*\{/m.exec(source)?.[1],
  };
}

function scanJson(text: string): RootSource {
  try {
    const parsed = JSON.parse(text) as {
      variable?: Record<string, { ephemeral?: boolean }>;
      terraform?: { backend?: Record<string, unknown> };
    };
    const variables = parsed.variable ?? {};
    return {
      variables: Object.keys(variables),
      ephemeral: Object.keys(variables).filter((name) => variables[name]?.ephemeral === true),
      backend: Object.keys(parsed.terraform?.backend ?? {})[0],
    };
  } catch {
    // Terraform says what is wrong with the file, and where.
    return { variables: [], ephemeral: [], backend: undefined };
  }
}

/**
 * Makes sure that the copied root keeps its state where the action says: without a backend block it would be kept
 * in the temporary folder and lost with it.
 * @throws DeployError terraform-contract for a root with a backend of another type
 */
export async function ensureBackendBlock(copy: string, backend: string | undefined): Promise<void> {
  if (backend === 's3') return;
  if (backend !== undefined) {
    throw new DeployError({
      reason: 'terraform-contract',
      message: `the Terraform root keeps its state in a backend "${backend}"; the action keeps it in S3`,
      left: 'Nothing was touched.',
      next: `write backend "s3" {} in the root instead (its settings come from the action), and move an existing state with terraform init -migrate-state`,
    });
  }
  await writeFile(join(copy, 'asg_deploy_backend.tf'), 'terraform {\n  backend "s3" {}\n}\n');
}

/** Overrides the backend with a file beside the copy, which goes away with it. */
export async function keepStateHere(copy: string): Promise<void> {
  await writeFile(join(copy, 'asg_deploy_override.tf'), 'terraform {\n  backend "local" {}\n}\n');
}

/** The names that are given and not declared, each with the declared name that it may have been meant for. */
export function undeclared(
  given: readonly string[],
  declared: readonly string[],
): { name: string; meant: string | undefined }[] {
  return given
    .filter((name) => !declared.includes(name))
    .map((name) => ({ name, meant: nearest(name, declared) }));
}
