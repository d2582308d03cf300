import { afterAll, beforeAll, it, jest } from '@jest/globals';
import { portOf } from './support/ports.ts';
import { Variants } from './support/variants.ts';

/** What users turn on in the bundled root, each in an environment of its own, side by side. */
jest.setTimeout(600_000);

let variants: Variants;
let meanwhile: Record<'secure' | 'spot', Promise<void>>;

beforeAll(async () => {
  variants = await Variants.begin(portOf(import.meta.url));
  meanwhile = { secure: variants.secure(), spot: variants.spot() };
  // What goes wrong is told by the test that waits for it.
  void Promise.allSettled(Object.values(meanwhile));
});

afterAll(() => variants?.end());

it('serves HTTPS with a certificate of its own, from Graviton instances without NAT', () => meanwhile.secure);

it('mixes Spot in: a rollout keeps the policy, a rollback too, and operators keep their parameters', () =>
  meanwhile.spot);
