import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/scanners.ts';
import { describeWith } from '../support/tools.ts';
import { blocksOf, findingsIn } from './blocks.ts';

/** Readers copy what stands in a block: each one goes through the tool that will read it. */

const documents = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(root, 'docs')).map((file) => `docs/${file}`),
  ...['terraform/README.md', 'terraform/examples/README.md'],
  ...['terraform/modules/service/README.md', 'terraform/modules/rollout-policy/README.md'],
];

describeWith(['actionlint', 'shellcheck', 'terraform'], 'the blocks of the documents', () => {
  it.each(documents)('%s', async (file) => {
    expect(await findingsIn(blocksOf(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  const step = 'uses: org/asg-deploy@v1\n  with:\n    application: shop\n    environment: prod';
  it.each([
    ['YAML that does not parse', 'yaml', 'jobs:\n  a: [', 'Flow sequence in block collection'],
    ['an input that is none', 'yaml', `- ${step}\n    min-healthy: 50`, 'input "min-healthy" is not defined'],
    ['a value that is refused', 'yaml', `- ${step}\n    timeout: 9O`, 'timeout is "9O"'],
    [
      'values that do not go together',
      'yaml',
      `- ${step}\n    image: latest\n    template-version: 3`,
      'template-version',
    ],
    ['a job that needs none', 'yaml', `a:\n  needs: b\n  steps: [{ run: 'true' }]`, 'needs job "b"'],
    ['a right that there is not', 'yaml', 'permissions:\n  deployment: write', 'unknown permission scope'],
    ['YAML of no kind', 'yaml', 'replicas: 3', 'neither a workflow'],
    ['HCL that does not parse', 'hcl', 'capacity = {', 'Missing expression'],
    ['HCL that is not formatted', 'hcl', 'capacity={ min = 3 }', 'terraform fmt writes'],
    ['a variable that is none', 'hcl', 'capacities = { min = 3 }', 'no variable "capacities"'],
    ['a field that is none', 'hcl', 'capacity = { minimum = 3 }', 'has no "minimum"'],
    [
      'a variable that a module does not have',
      'hcl',
      'module "service" {\n  source = "git::https://github.com/org/asg-deploy.git//terraform/modules/service?ref=v1"\n  name   = "a"\n}',
      'no variable "name"',
    ],
    ['shell that does not parse', 'sh', 'if true; then', 'error'],
    ['shell with a fault', 'sh', 'cd $folder && rm -r *', 'SC2086'],
    ['a script that is none', 'sh', 'npm run deploy', 'no script "deploy"'],
    [
      'a variable that no root has',
      'sh',
      'terraform apply -var owner=me',
      'no root here has a variable "owner"',
    ],
    ['JSON that does not parse', 'json', '{ "a": 1, }', 'JSON'],
    ['TypeScript that does not parse', 'ts', 'noCache: input({', "'}' expected"],
    ['a name that src does not have', 'ts', 'noCache: inputOf({})', "Cannot find name 'inputOf'"],
    [
      'an argument that is none',
      'ts',
      "noCache: input({ 'no-cache': false }, flag),",
      "Type 'boolean' is not assignable",
    ],
    ['a block that does not say what it is', '', 'npm test', 'has to say what it is'],
  ])('finds %s', async (_, language, text, finding) => {
    const document = `Text.\n\n- an item\n\n  \`\`\`${language}\n  ${text.replaceAll('\n', '\n  ')}\n  \`\`\`\n`;
    const found = await findingsIn(blocksOf('planted.md', document));
    expect(found[0]).toMatch(/^planted\.md:5: /);
    expect(found.join('\n')).toContain(finding);
  });
});
