import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import type { Inputs } from '../../src/inputs/index.ts';
import { examineRoot } from '../../src/terraform/examine.ts';
import { fakeRun } from '../support/fake-run.ts';
import { writeRoot } from '../support/terraform-roots.ts';

const bundled = fileURLToPath(new URL('../../terraform', import.meta.url));

const examine = (terraformVariables: Record<string, unknown>, root = bundled, more: Partial<Inputs> = {}) =>
  examineRoot(fakeRun('http://127.0.0.1:1', { terraformVariables, ...more }).run, root);

describe('a field that an object of the bundled root has not', () => {
  it.each([
    [
      'that is deeper in it',
      { load_balancer: { certificate_arn: 'arn:aws:acm:eu-north-1:1:certificate/a' } },
      'load_balancer.certificate_arn (did you mean load_balancer.https.certificate_arn?)',
      /^load_balancer has .*\bhttps\b/,
    ],
    [
      'that is misspelt',
      { service: { instance_typ: 'm7i.large' } },
      'service.instance_typ (did you mean service.instance_type?)',
      /^service has .*\binstance_type\b/,
    ],
    [
      'of an object in it',
      { network: { existing: { vpc: 'vpc-1', private_subnet_ids: [] } } },
      'network.existing.vpc (did you mean network.existing.vpc_id?)',
      /^network\.existing has vpc_id, /,
    ],
    [
      'that is nothing like one',
      { capacity: { min: 2, colour: 'blue' } },
      'capacity.colour',
      /^capacity has min, max/,
    ],
    [
      'of a database, also of its defaults',
      { database: { multi_as: true }, database_defaults: { storage: 50 } },
      'database.multi_as (did you mean database.multi_az?), database_defaults.storage',
      /^database has .*\bmulti_az\b/,
    ],
  ])('%s is refused', async (_name, variables, said, next) => {
    await expect(examine(variables)).rejects.toMatchObject({
      reason: 'input-invalid',
      message: expect.stringContaining(`fields that their variables do not have: ${said}`),
      left: 'Nothing was touched.',
      next: expect.stringMatching(next),
    });
  });

  it.each<Record<string, unknown>>([
    {},
    { service: null, database: {}, network: { existing: null } },
    { settings: { ANY: 'thing' }, tags: { Any: 'thing' }, secrets: ['KEY'] },
    { load_balancer: { https: { domain_name: 'a.example.com' }, health_check_path: '/' } },
    { service: 'no object' },
  ])('is in none of %j', async (variables) => {
    await expect(examine(variables)).resolves.toBeDefined();
  });

  it('is Terraform’s own affair in a root of one’s own', async () => {
    const root = writeRoot({
      'main.tf':
        'variable "application" {}\nvariable "environment" {}\nvariable "region" {}\nvariable "image" {}\nvariable "size" {\n  type = object({ min = number })\n}\n',
    });
    await expect(examine({ size: { most: 2 } }, root, { terraformDirectory: root })).resolves.toBeDefined();
  });
});
