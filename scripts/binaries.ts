import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The binary files of packages that the bundle takes along. */
const paths = [
  'web-tree-sitter/web-tree-sitter.wasm',
  '@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm',
];

/** A binary of a package, for the asset that ncc made of it: ncc reads every file as text, which a binary is not. */
export function binaryOf(asset: Buffer, modules: string): { name: string; content: Buffer } {
  for (const path of paths) {
    const content = readFileSync(join(modules, path));
    if (Buffer.from(content.toString()).equals(asset) || content.equals(asset))
      return { name: basename(path), content };
  }
  throw new Error('the bundle has a binary that scripts/binaries.ts does not name');
}
