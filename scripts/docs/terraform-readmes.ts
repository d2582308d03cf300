/** Which table of terraform/ stands where. */
import { fileURLToPath } from 'node:url';
import { replaceBetween } from './markers.ts';
import { inputTables, outputTable } from './terraform-tables.ts';

interface Table {
  make: (folder: string) => Promise<string[]>;
  /** Whose inputs or outputs it shows, below the repository's root. */
  folder: string;
}

const inputs = (folder: string): Table => ({ make: inputTables, folder });
const outputs = (folder: string): Table => ({ make: outputTable, folder });

/** By document and the name of the markers in it. */
const tables: Record<string, Record<string, Table>> = {
  'terraform/README.md': {
    inputs: inputs('terraform'),
    outputs: outputs('terraform'),
    'bootstrap-inputs': inputs('terraform/bootstrap'),
    'bootstrap-outputs': outputs('terraform/bootstrap'),
  },
  'terraform/modules/service/README.md': {
    inputs: inputs('terraform/modules/service'),
    outputs: outputs('terraform/modules/service'),
  },
  'terraform/modules/rollout-policy/README.md': {
    inputs: inputs('terraform/modules/rollout-policy'),
    outputs: outputs('terraform/modules/rollout-policy'),
  },
  'terraform/examples/README.md': {
    'minimal-inputs': inputs('terraform/examples/minimal'),
    'module-inputs': inputs('terraform/examples/module'),
  },
};

/** Paths of the documents with such tables, below the repository's root. */
export const terraformReadmes = Object.keys(tables);

/**
 * A document of terraform/ with its tables made anew.
 * @param path one of `terraformReadmes`
 * @param text what is written in it
 * @throws Error when a marker is missing, or a file of Terraform does not parse
 */
export async function withTerraformTables(path: string, text: string): Promise<string> {
  let document = text;
  for (const [name, { make, folder }] of Object.entries(tables[path] ?? {})) {
    const lines = await make(fileURLToPath(new URL(`../../${folder}`, import.meta.url)));
    document = replaceBetween(document, name, lines);
  }
  return document;
}
