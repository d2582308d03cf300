import { describe, expect, it } from '@jest/globals';
import type { TerraformEvent } from '../../src/terraform/events.ts';
import {
  appliedResources,
  changedOutputs,
  changesAnything,
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

  const counted = event('change_summary', {
    changes: { add: 0, change: 0, remove: 0, operation: 'plan' },
  });
  const change = (action: string) => ({ change: { resource: { addr: 'a.b' }, action } });

  it.each<[string, TerraformEvent[], boolean]>([
    ['only drift', [event('resource_drift', change('update')), counted], false],
    [
      'drift and outputs that stay',
      [
        event('resource_drift', change('update')),
        counted,
        event('outputs', { outputs: { url: { sensitive: false, action: 'noop' } } }),
      ],
      false,
    ],
    ['a resource', [event('planned_change', change('update')), counted], true],
    ['a move', [event('planned_change', change('move')), counted], true],
    ['a data source that is read while applying', [event('planned_change', change('read')), counted], false],
    [
      'an output',
      [counted, event('outputs', { outputs: { url: { sensitive: false, action: 'create' } } })],
      true,
    ],
    ['a stream without its summary', [], true],
  ])('says whether an apply would do anything: %s', (_, events, expected) => {
    expect(changesAnything(events)).toBe(expected);
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
