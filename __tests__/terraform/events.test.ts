import { describe, expect, it } from '@jest/globals';
import type { TerraformEvent } from '../../src/terraform/events.ts';
import {
  appliedResources,
  changedOutputs,
  changesAnything,
  isWhole,
  parseEvent,
  summarizePlan,
} from '../../src/terraform/events.ts';

const planned = (action: string, addr: string, from?: string): TerraformEvent => ({
  type: 'planned_change',
  '@message': '',
  change: { action, resource: { addr }, ...(from !== undefined && { previous_resource: { addr: from } }) },
});
const hook = (type: string, addr: string, action = 'create', elapsed = 0): TerraformEvent => ({
  type,
  '@message': '',
  hook: { resource: { addr }, action, elapsed_seconds: elapsed },
});

describe('the event stream', () => {
  it.each([
    ['a message', '{"type":"version","@message":"Terraform 1.11.4","later":1}', 'version'],
    ['a warning printed before the stream', '│ Warning: Unable to open CLI configuration file', undefined],
    ['a cut line', '{"type":"ver', undefined],
    ['JSON of something else', '{"a":1}', undefined],
  ])('reads %s', (_name, line, type) => {
    expect(parseEvent(line)?.type).toBe(type);
  });

  const event = (type: string, more: object = {}): TerraformEvent => ({ type, '@message': '', ...more });

  it('is summarised as a plan', () => {
    const events: TerraformEvent[] = [
      planned('create', 'aws_lb.main'),
      planned('update', 'aws_launch_template.service'),
      planned('replace', 'aws_db_instance.main[0]'),
      planned('delete', 'aws_eip.nat'),
      planned('read', 'data.aws_ami.al2023'),
      planned('noop', 'aws_vpc.main'),
      planned('move', 'aws_subnet.b', 'aws_subnet.a'),
      event('planned_change', {
        change: { resource: { addr: 'aws_lb.old' }, action: 'update', importing: { id: 'arn:lb' } },
      }),
      {
        type: 'change_summary',
        '@message': '',
        changes: { add: 2, change: 1, remove: 2, operation: 'plan' },
      },
    ];
    expect(summarizePlan(events)).toEqual({
      add: 2,
      change: 1,
      destroy: 2,
      changes: [
        '- aws_eip.nat',
        '-/+ aws_db_instance.main[0]',
        '~ aws_launch_template.service',
        '~ aws_lb.old (imported from arn:lb)',
        '→ aws_subnet.b (moved from aws_subnet.a)',
        '+ aws_lb.main',
      ],
    });
  });

  it('tells what an apply left unfinished', () => {
    const events = [
      hook('apply_start', 'a'),
      hook('apply_start', 'b'),
      hook('apply_complete', 'a'),
      hook('apply_errored', 'b'),
    ];
    expect(appliedResources(events)).toEqual({ done: 1, unfinished: ['b'] });
  });

  it.each<[string, TerraformEvent[], ReturnType<typeof appliedResources>]>([
    [
      'one that is replaced, and gone',
      [hook('apply_start', 'a', 'delete'), hook('apply_complete', 'a', 'delete'), hook('apply_start', 'a')],
      { done: 1, unfinished: ['a'] },
    ],
    ['lines twice', [hook('apply_complete', 'a'), hook('apply_complete', 'a')], { done: 1, unfinished: [] }],
    [
      'lines in another order',
      [hook('apply_complete', 'a'), hook('apply_start', 'a')],
      { done: 1, unfinished: [] },
    ],
  ])('tells what an apply left unfinished: %s', (_, events, expected) => {
    expect(appliedResources(events)).toEqual(expected);
  });

  const counted = event('change_summary', {
    changes: { add: 0, change: 0, remove: 0, operation: 'plan' },
  });
  const change = (action: string) => ({ change: { resource: { addr: 'a.b' }, action } });

  const stay = event('outputs', { outputs: { url: { sensitive: false, action: 'noop' } } });
  const numbers = (add: number, changed: number, remove: number) =>
    event('change_summary', { changes: { add, change: changed, remove, operation: 'plan' } });

  it.each<[string, TerraformEvent[], boolean | undefined]>([
    [
      'only drift, of a root without outputs',
      [event('resource_drift', change('update')), counted],
      undefined,
    ],
    ['drift and outputs that stay', [event('resource_drift', change('update')), counted, stay], false],
    ['a resource', [event('planned_change', change('update')), numbers(0, 1, 0)], true],
    ['a move', [event('planned_change', change('move')), counted], true],
    [
      'a data source that is read while applying',
      [event('planned_change', change('read')), counted, stay],
      false,
    ],
    [
      'an output',
      [counted, event('outputs', { outputs: { url: { sensitive: false, action: 'create' } } })],
      true,
    ],
    ['cut before its summary', [], undefined],
    ['cut before its outputs', [counted], undefined],
    ['an action that nobody knows', [event('planned_change', change('evict')), counted, stay], undefined],
    ['a change that is none', [event('planned_change'), counted, stay], undefined],
    ['outputs that are none', [counted, event('outputs')], undefined],
  ])('says whether an apply would do anything: %s', (_, events, expected) => {
    expect(changesAnything(events)).toBe(expected);
  });

  const one = event('planned_change', change('create'));
  it.each<[string, TerraformEvent[], boolean]>([
    ['to the end', [one, numbers(1, 0, 0)], true],
    ['in another order', [numbers(1, 0, 0), one], true],
    ['replaced', [event('planned_change', change('replace')), numbers(1, 0, 1)], true],
    ['not to its summary', [one], false],
    ['with a summary that says nothing', [one, event('change_summary')], false],
    ['without a line', [numbers(1, 0, 0)], false],
    ['with a line twice', [one, one, numbers(2, 0, 0)], false],
    ['with an action that nobody knows', [event('planned_change', change('evict')), counted], false],
    ['with one that objects have', [event('planned_change', change('constructor')), counted], false],
  ])('is whole or not: %s', (_, events, expected) => {
    expect(isWhole(events)).toBe(expected);
  });

  it.each([
    ['a change without a resource', { type: 'planned_change', change: { action: 'create' } }],
    ['a change of a list', { type: 'planned_change', change: ['create'] }],
    ['counts that are none', { type: 'change_summary', changes: { add: '1', change: 0, remove: 0 } }],
    ['outputs that are no objects', { type: 'outputs', outputs: { url: null } }],
    ['a diagnostic without a summary', { type: 'diagnostic', diagnostic: { severity: 'error' } }],
    ['a step without an address', { type: 'apply_start', hook: { resource: { addr: 7 } } }],
  ])('leaves out a part that can not be read: %s', (_, message) => {
    expect(parseEvent(JSON.stringify(message))).toEqual({ type: message.type, '@message': '' });
  });

  it('names the outputs that an apply would change', () => {
    const outputs = {
      url: { sensitive: false, action: 'noop' },
      size: { sensitive: false, action: 'update' },
      old: { sensitive: true, action: 'delete' },
      unsaid: { sensitive: false },
    };
    expect(changedOutputs([{ type: 'outputs', '@message': '', outputs }])).toEqual(['size', 'old']);
    expect(changedOutputs([])).toEqual([]);
  });
});
