/**
 * Thousands of plans as Terraform's messages tell them, cut at any byte, in another order, with lines twice, unknown or
 * damaged; and their documents likewise. What is read of them is right, or is said not to be known.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { diagnosticsOf } from '../../src/terraform/diagnostics.ts';
import { driftIn } from '../../src/terraform/drift.ts';
import {
  appliedResources,
  changedOutputs,
  changesAnything,
  hasDrift,
  isWhole,
  parseEvent,
  summarizePlan,
  type TerraformEvent,
} from '../../src/terraform/events.ts';
import { outputsIn, parseOutputs, plansBlueGreen } from '../../src/terraform/outputs.ts';
import { editsIn } from '../../src/terraform/plan-diff.ts';
import { parsePlanDocument, type PlanDocument } from '../../src/terraform/plan-document.ts';
import { needsReview, reviewPlan } from '../../src/terraform/plan-review.ts';
import { changesIn, totalsIn } from '../../src/terraform/plan-totals.ts';
import { createProgress } from '../../src/terraform/progress.ts';
import { refusedReads } from '../../src/terraform/refused-reads.ts';
import { resourcesIn } from '../../src/terraform/resources.ts';
import { runs } from '../support/property.ts';
import { group } from './plan-documents.ts';

/** What a plan does to one resource, in the words of its document and of its messages. */
const actions = [
  { actions: ['create'], said: 'create' },
  { actions: ['update'], said: 'update' },
  { actions: ['delete'], said: 'delete' },
  { actions: ['delete', 'create'], said: 'replace' },
  { actions: ['create', 'delete'], said: 'replace' },
  { actions: ['forget'], said: 'remove' },
  { actions: ['no-op'], said: 'noop' },
];
const types = [
  ...['aws_autoscaling_group', 'aws_launch_template', 'aws_lb', 'aws_db_instance', 'aws_lb_listener'],
  ...['aws_cloudwatch_log_group', 'aws_iam_role', 'terraform_data', 'aws_route53_record', 'someone_bucket'],
];

interface Plan {
  resources: ((typeof actions)[number] & { type: string })[];
  /** The action of each output. */
  outputs: string[];
  drifted: boolean;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  resources: fc.array(
    fc
      .tuple(fc.constantFrom(...actions), fc.constantFrom(...types))
      .map(([done, type]) => ({ ...done, type })),
    { maxLength: 8 },
  ),
  outputs: fc.array(fc.constantFrom('noop', 'create', 'update', 'delete'), { maxLength: 3 }),
  drifted: fc.boolean(),
});

const addressOf = (type: string, index: number): string => `${type}.r${index}`;

/** https://developer.hashicorp.com/terraform/internals/machine-readable-ui: in Terraform's own order. */
function linesOf({ resources, outputs, drifted }: Plan): string[] {
  const planned = resources.flatMap(({ said, type }, index) => {
    const change = { resource: { addr: addressOf(type, index), resource_type: type }, action: said };
    return said === 'noop' ? [] : [{ type: 'planned_change', change }];
  });
  const counted = (...names: string[]) => resources.filter(({ said }) => names.includes(said)).length;
  const changes = {
    ...{ add: counted('create', 'replace'), import: 0, change: counted('update') },
    ...{ remove: counted('delete', 'replace'), operation: 'plan' },
  };
  const drift = { resource: { addr: 'a.b', resource_type: 'a' }, action: 'update' };
  const messages = [
    { type: 'version', terraform: '1.11.4', ui: '1.2' },
    ...(drifted ? [{ type: 'resource_drift', change: drift }] : []),
    ...planned,
    { type: 'change_summary', changes },
    ...(outputs.length > 0
      ? [
          {
            type: 'outputs',
            outputs: Object.fromEntries(
              outputs.map((action, index) => [`o${index}`, { sensitive: false, action }]),
            ),
          },
        ]
      : []),
  ];
  return messages.map((message) => JSON.stringify({ '@level': 'info', '@message': 'é', ...message }));
}

/** What goes wrong between Terraform and who reads it; `at` is a share of what there is. */
const damages = fc.array(
  fc.record({
    what: fc.constantFrom('cut', 'cut', 'twice', 'moved', 'unknown type', 'unknown action', 'noise', 'huge'),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    to: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  }),
  { maxLength: 4 },
);
type Damage = typeof damages extends fc.Arbitrary<(infer T)[]> ? T : never;

const noise = [
  '',
  '│ Warning: x',
  '{',
  '{}',
  'null',
  '[]',
  '"x"',
  '{"type":null}',
  '{"type":7,"change":{}}',
  '\0',
];

function damaged(lines: readonly string[], { what, at, to }: Damage): string[] {
  const place = Math.floor(at * lines.length);
  const line = lines[place] ?? '';
  switch (what) {
    case 'cut': {
      const bytes = Buffer.from(lines.join('\n'));
      return bytes
        .subarray(0, Math.floor(at * bytes.length))
        .toString()
        .split('\n');
    }
    case 'twice':
      return lines.toSpliced(Math.floor(to * lines.length), 0, line);
    case 'moved':
      return lines.toSpliced(place, 1).toSpliced(Math.floor(to * lines.length), 0, line);
    case 'unknown type':
      return lines.toSpliced(place, 0, JSON.stringify({ type: 'later', change: { action: 'evict' } }));
    case 'unknown action':
      return lines.with(place, line.replace(/"action":"\w+"/, '"action":"evict"'));
    case 'noise':
      return lines.toSpliced(place, 0, noise[Math.floor(to * noise.length)] ?? '');
    case 'huge':
      return lines.toSpliced(place, 0, JSON.stringify({ type: 'log', '@message': 'x'.repeat(1e5 * to) }));
  }
}

const read = (lines: readonly string[]): TerraformEvent[] => lines.flatMap((line) => parseEvent(line) ?? []);

/** All that is read of messages, whatever they are. */
function readAll(events: readonly TerraformEvent[]) {
  const { errors } = diagnosticsOf(events);
  const progress = createProgress();
  return {
    whole: isWhole(events),
    summary: summarizePlan(events),
    changes: changesAnything(events),
    review: needsReview(events),
    outputs: changedOutputs(events),
    rest: [
      hasDrift(events),
      refusedReads(errors),
      appliedResources(events),
      events.map((each) => progress(each, 99)),
    ],
  };
}

const sign: Record<string, string> = { create: '+', update: '~', delete: '-', replace: '-/+', remove: 'x' };

/** What is so, whatever is read. */
function truth({ resources, outputs }: Plan) {
  const changes = resources.flatMap(({ said, type }, index) =>
    said === 'noop' ? [] : [`${sign[said]} ${addressOf(type, index)}`],
  );
  const counted = (name: string) => resources.filter(({ actions: all }) => all.includes(name)).length;
  return {
    changes: changes.toSorted(),
    numbers: [counted('create'), counted('update'), counted('delete')],
    changesAnything: changes.length > 0 || outputs.some((action) => action !== 'noop'),
  };
}

function documentOf({ resources, outputs }: Plan): PlanDocument {
  const noOp = (action: string) => (action === 'noop' ? 'no-op' : action);
  return {
    resource_changes: resources.map(({ actions: done, type }, index) => ({
      ...{ address: addressOf(type, index), mode: 'managed', type },
      change: {
        actions: done,
        before: done[0] === 'create' && done.length === 1 ? null : group,
        after: done.includes('create') || done.includes('update') ? { ...group, max_size: 1 } : null,
        after_unknown: { arn: true },
        replace_paths: [['name']],
      },
    })),
    resource_drift: [],
    output_changes: Object.fromEntries(
      outputs.map((action, index) => [`o${index}`, { actions: [noOp(action)], after: null }]),
    ),
    planned_values: { outputs: { autoscaling_group_name: { value: 'shop-prod', sensitive: false } } },
  };
}

describe('the messages of a plan', () => {
  it('are told right, or not to be whole, whatever becomes of them', () => {
    fc.assert(
      fc.property(plan, damages, (made, all) => {
        const found = readAll(read(all.reduce(damaged, linesOf(made))));
        const is = truth(made);
        const { add, change, destroy, changes } = found.summary;
        if (found.whole) {
          expect([add, change, destroy]).toEqual(is.numbers);
          expect(changes.toSorted().filter((each) => !each.startsWith('x'))).toEqual(
            is.changes.filter((each) => !each.startsWith('x')),
          );
        }
        if (found.changes === false) expect(is.changesAnything).toBe(false);
        // What is done to an output may be anything.
        const isKnown = all.every(({ what }) => what !== 'unknown action');
        if (found.changes === true && isKnown) expect(is.changesAnything).toBe(true);
        if (!found.review) expect(reviewPlan(documentOf(made), []).refused).toEqual([]);
      }),
      runs(10_000),
    );
  });

  it('that nothing became of are told right, without the plan', () => {
    fc.assert(
      fc.property(plan, (made) => {
        const found = readAll(read(linesOf(made)));
        const { add, change, destroy, changes } = found.summary;
        const is = truth(made);
        expect({ whole: found.whole, numbers: [add, change, destroy], changes: changes.toSorted() }).toEqual({
          ...{ whole: true, numbers: is.numbers, changes: is.changes },
        });
        const isSaid = made.outputs.length > 0 || is.changesAnything;
        expect(found.changes).toBe(isSaid ? is.changesAnything : undefined);
      }),
      runs(2000),
    );
  });

  it('may be anything at all', () => {
    const part = fc.jsonValue({ maxDepth: 3 });
    const message = fc.record(
      {
        type: fc.constantFrom('planned_change', 'change_summary', 'outputs', 'apply_start', 'diagnostic'),
        '@message': part,
        change: fc.oneof(
          part,
          fc.record({ action: part, resource: part, importing: part }, { requiredKeys: [] }),
        ),
        changes: fc.oneof(part, fc.record({ add: part, change: part, remove: part }, { requiredKeys: [] })),
        hook: fc.oneof(part, fc.record({ resource: part, action: part, elapsed_seconds: part })),
        outputs: fc.oneof(part, fc.dictionary(fc.string(), part)),
        diagnostic: fc.oneof(part, fc.record({ severity: part, summary: part, detail: part, range: part })),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        const { summary, rest } = readAll(read(messages.map((each) => JSON.stringify(each))));
        expect(JSON.stringify([summary, rest])).not.toMatch(/\[object|undefined|NaN/);
      }),
      runs(3000),
    );
  });
});

/** All that is read of a plan document. */
function readDocument(document: PlanDocument) {
  return {
    totals: totalsIn(document),
    changes: changesIn(document),
    rest: [
      ...[reviewPlan(document, ['aws_lb']), driftIn(document), editsIn(document), outputsIn(document)],
      ...[plansBlueGreen(document), resourcesIn(document)],
    ],
  };
}

/** The places in a value, as paths. */
function pathsIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, each]) => pathsIn(each, [...path, name]))];
}

function withPart(value: unknown, [first, ...others]: readonly string[], part: unknown): unknown {
  if (first === undefined) return part;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string,
    unknown
  >;
  copy[first] = withPart(copy[first], others, part);
  return copy;
}

const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

describe('the document of a plan', () => {
  it('tells the same as its messages', () => {
    fc.assert(
      fc.property(plan, (made) => {
        const { totals, changes } = readDocument(documentOf(made));
        const is = truth(made);
        expect([totals.add, totals.change, totals.destroy]).toEqual(is.numbers);
        expect(totals.changes.toSorted()).toEqual(is.changes);
        expect(changes).toBe(is.changesAnything);
      }),
      runs(2000),
    );
  });

  it('that was cut anywhere is none, and so are cut outputs', () => {
    fc.assert(
      fc.property(plan, share, (made, at) => {
        const whole = Buffer.from(JSON.stringify(documentOf(made)));
        const cut = whole.subarray(0, Math.floor(at * whole.length)).toString();
        expect([parsePlanDocument(cut), parseOutputs(cut)]).toEqual([undefined, undefined]);
      }),
      runs(2000),
    );
  });

  it('with anything at any place of it is read, or is none', () => {
    fc.assert(
      fc.property(plan, share, fc.jsonValue({ maxDepth: 2 }), (made, at, part) => {
        const document = documentOf(made);
        const paths = pathsIn(document);
        const changed = withPart(document, paths[Math.floor(at * paths.length)] ?? [], part);
        const parsed = parsePlanDocument(JSON.stringify(changed));
        if (parsed !== undefined) readDocument(parsed);
      }),
      runs(10_000),
    );
  });
});

describe('the messages of an apply', () => {
  const step = fc.record({
    address: fc.nat(4).map((index) => `aws_lb.r${index}`),
    action: fc.constantFrom('create', 'update', 'delete'),
    ends: fc.constantFrom('apply_complete', 'apply_errored', ''),
  });

  it('tell what is done and what is not, as far as they go', () => {
    const steps = fc.uniqueArray(step, {
      maxLength: 8,
      selector: ({ address, action }) => `${action} ${address}`,
    });
    fc.assert(
      fc.property(steps, damages, share, (all, damage, at) => {
        const message = (type: string, { address, action }: { address: string; action: string }) =>
          JSON.stringify({ type, hook: { resource: { addr: address }, action, elapsed_seconds: 1 } });
        const lines = all.flatMap((each) => [
          message('apply_start', each),
          ...(each.ends === '' ? [] : [message(each.ends, each)]),
        ]);
        const cut = lines.slice(0, Math.ceil(at * lines.length));
        const expected = all.filter((each) => cut.includes(message('apply_complete', each)));
        const begun = all.filter((each) => cut.includes(message('apply_start', each)));
        const open = begun.filter((each) => !expected.includes(each)).map(({ address }) => address);
        const kept = damage.filter(({ what }) => !['cut', 'unknown action'].includes(what));
        const found = appliedResources(read(kept.reduce(damaged, cut)));
        expect(found.done).toBe(expected.length);
        expect(found.unfinished.toSorted()).toEqual([...new Set(open)].toSorted());
      }),
      runs(5000),
    );
  });
});
