import { describe, expect, it } from '@jest/globals';
import { groupFindings } from '../../src/terraform/group-changes.ts';
import type { Attributes, Change } from '../../src/terraform/plan-document.ts';
import { group, groupChange, resource } from './plan-documents.ts';

const said = (after: Attributes, more: Partial<Change> = {}, deployed = true): string[] =>
  groupFindings(groupChange(after, more), deployed).map(({ severity, why }) => `${severity}: ${why}`);
const refresh = (triggers: string[] = []) => [{ strategy: 'Rolling', preferences: [], triggers }];
const version = (number: string, id = 'lt-1') => [{ id, name: 'shop', version: number }];
const mixed = (number: string, percentage = 100) => [
  {
    instances_distribution: [{ on_demand_percentage_above_base_capacity: percentage }],
    launch_template: [
      {
        launch_template_specification: [{ launch_template_id: 'lt-1', version: number }],
        override: [{ instance_type: 't3.micro', launch_template_specification: [] }],
      },
    ],
  },
];
const moved = /^refused: Terraform itself moves it to another template version/;

describe('a group that the plan moves by itself', () => {
  it.each<[string, Attributes, Partial<Change>]>([
    ['to a known version', { launch_template: version('4') }, {}],
    ['back to a known version', { launch_template: version('2') }, {}],
    ['to $Latest', { launch_template: version('$Latest') }, {}],
    ['to another template', { launch_template: version('3', 'lt-2') }, {}],
    [
      'to a version that the apply makes',
      { launch_template: [{ id: 'lt-1', name: 'shop' }] },
      { after_unknown: { launch_template: [{ version: true }] } },
    ],
    [
      'to a template that the apply makes',
      { launch_template: [{ version: '1' }] },
      { after_unknown: { launch_template: [{ id: true, name: true }] } },
    ],
    ['to a launch configuration', { launch_template: [], launch_configuration: 'lc' }, {}],
    [
      'to another version by a mixed instances policy',
      { launch_template: [], mixed_instances_policy: mixed('4') },
      {},
    ],
  ])('is refused: %s', (_how, after, more) => {
    expect(said(after, more)).toEqual([expect.stringMatching(moved)]);
  });

  it.each<[string, Attributes]>([
    [
      'the form in which it names the same version',
      { launch_template: [], mixed_instances_policy: mixed('3') },
    ],
    ['nothing but tags', { tag: [{ key: 'a', value: 'b', propagate_at_launch: true }] }],
    ['more room', { max_size: 9, min_size: 3, desired_capacity: 5 }],
    ['a target group more', { target_group_arns: ['arn:2', 'arn:3', 'arn:1'] }],
    ['another subnet beside the others', { vpc_zone_identifier: ['subnet-3', 'subnet-2', 'subnet-1'] }],
  ])('is no finding: %s', (_how, after) => {
    expect(said(after)).toEqual([]);
  });

  it('is told what to write instead: that its version is ignored, or that its template stays', () => {
    const remedyOf = (after: Attributes, more: Partial<Change> = {}) =>
      groupFindings(groupChange(after, more), true)[0]?.remedy;
    expect(remedyOf({ launch_template: version('4') })).toMatch(/^write lifecycle \{ ignore_changes = /);
    expect(remedyOf({ launch_template: version('3', 'lt-2') })).toMatch(/^keep the launch template/);
    const unknown = { after_unknown: { launch_template: [{ id: true }] } };
    expect(remedyOf({ launch_template: [{ version: '3' }] }, unknown)).toMatch(/^keep the launch template/);
  });

  it('may change its mixture, and not the version in it', () => {
    const before = { ...group, launch_template: [], mixed_instances_policy: mixed('3') };
    expect(said({ ...before, mixed_instances_policy: mixed('3', 50) }, { before })).toEqual([]);
    expect(said({ ...before, mixed_instances_policy: mixed('4', 50) }, { before })).toEqual([
      expect.stringMatching(moved),
    ]);
  });

  it('that is taken over launches from another template, of necessity', () => {
    const after = { launch_template: version('1', 'lt-2') };
    expect(said(after, { importing: { id: 'shop-prod' } })).toEqual([
      expect.stringMatching(/^warning: it is taken over/),
    ]);
  });
});

describe('a refresh of its own', () => {
  it.each<[string, string[], Partial<Change> & { after: Attributes }, string]>([
    ['by another version', [], { after: { launch_template: version('4') } }, 'launch_template'],
    ['by a trigger', ['max_size'], { after: { max_size: 9 } }, 'max_size'],
    ['by tags, as older roots call them', ['tags'], { after: { tag: [{ key: 'a' }] } }, 'tag'],
    [
      'by a trigger that is not known yet',
      ['target_group_arns'],
      { after: {}, after_unknown: { target_group_arns: true } },
      'target_group_arns',
    ],
  ])('is refused when this plan starts it: %s', (_how, triggers, { after, ...more }, name) => {
    const before = { ...group, instance_refresh: refresh(triggers) };
    const all = groupFindings(groupChange({ ...before, ...after }, { before, ...more }), true);
    const started = all.filter(({ instances }) => instances);
    expect(started).toMatchObject([
      { severity: 'refused', remedy: expect.stringMatching(/instance_refresh/) },
    ]);
    expect(started[0]?.why).toContain(`it changes ${name}`);
  });

  it('is a warning while nothing starts it', () => {
    expect(said({ instance_refresh: refresh(), max_size: 9 })).toEqual([
      expect.stringMatching(/^warning: its instance_refresh block starts/),
    ]);
  });

  it('of another group is its own business', () => {
    const before = { ...group, instance_refresh: refresh() };
    expect(said({ ...before, launch_template: version('4') }, { before }, false)).toEqual([
      expect.stringMatching(/^warning: Terraform starts an instance refresh/),
    ]);
  });

  it('is refused at the first deployment, when nothing is lost by mending the root', () => {
    const created = (after: Attributes) =>
      groupFindings(resource('aws_autoscaling_group', { actions: ['create'], before: null, after }), true);
    expect(created({ ...group, instance_refresh: refresh() })).toMatchObject([{ severity: 'refused' }]);
    expect(created({ ...group, launch_template: version('$Default') })).toMatchObject([
      { severity: 'warning' },
    ]);
    expect(created(group)).toEqual([]);
    expect(created({ ...group, launch_template: [{ id: 'lt-1' }] })).toEqual([]);
  });
});

describe('capacity below what runs', () => {
  it.each<[string, Attributes, string[]]>([
    [
      'by the maximum',
      { max_size: 3 },
      [
        'refused: its max_size goes to 3 while 4 run: AWS terminates 1 of 4 instances at apply, before the rollout',
      ],
    ],
    [
      'by the desired capacity',
      { desired_capacity: 1 },
      [
        'warning: its desired_capacity goes to 1 while 4 run: AWS terminates 3 of 4 instances at apply, before the rollout',
      ],
    ],
    [
      'by both',
      { desired_capacity: 2, max_size: 2 },
      [
        'refused: its max_size goes to 2 while 4 run: AWS terminates 2 of 4 instances at apply, before the rollout',
      ],
    ],
    [
      'to nothing',
      { desired_capacity: 0 },
      [
        'refused: its desired_capacity goes to 0 while 4 run: AWS terminates 4 of 4 instances at apply, before the rollout',
      ],
    ],
    ['not, where it ends at what runs', { desired_capacity: 4, max_size: 4 }, []],
  ])('%s', (_how, after, expected) => {
    expect(said(after)).toEqual(expected);
  });

  it('shows no number that is sensitive', () => {
    const [finding = ''] = said({ max_size: 3 }, { after_sensitive: { max_size: true } });
    expect(finding).toBe(
      'refused: its max_size goes below what runs: AWS terminates instances at apply, before the rollout',
    );
  });

  it('that nobody knows yet is a warning', () => {
    expect(said({}, { after_unknown: { max_size: true } })).toEqual([
      expect.stringMatching(/^warning: max_size will be known only when it is applied/),
    ]);
  });

  it('is no matter where nothing runs', () => {
    const before = { ...group, desired_capacity: 0 };
    expect(said({ ...before, max_size: 1 }, { before })).toEqual([]);
  });
});

describe('instances that are taken out of service', () => {
  it.each<[string, Attributes, RegExp]>([
    [
      'a target group less',
      { target_group_arns: ['arn:2'] },
      /^refused: its instances are taken out of service: target_group_arns/,
    ],
    [
      'a subnet less',
      { vpc_zone_identifier: ['subnet-1'] },
      /^warning: its instances in the subnets that it leaves/,
    ],
    ['a shorter life', { max_instance_lifetime: 86_400 }, /^warning: instances older than/],
  ])('%s', (_how, after, expected) => {
    expect(said(after)).toEqual([expect.stringMatching(expected)]);
  });

  it('is not said of what only the apply knows', () => {
    const after = { ...group };
    delete after.target_group_arns;
    expect(said(after, { after_unknown: { target_group_arns: true }, after })).toEqual([]);
  });
});
