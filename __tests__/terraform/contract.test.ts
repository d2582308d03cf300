import { describe, expect, it } from '@jest/globals';
import { missingOutputs, outputsMissing, readContract } from '../../src/terraform/contract.ts';

describe('the contract', () => {
  const outputs = {
    autoscaling_group_name: 'shop-dev',
    launch_template_id: 'lt-0abc',
    launch_template_version: 7,
    target_group_arns: ['arn:aws:elasticloadbalancing:x'],
    url: 'http://x',
    repository_url: '1.dkr.ecr/shop',
    alarm_names: [],
    extra: { any: 'thing' },
  };

  it('is read with its types, and the rest kept', () => {
    expect(readContract(outputs, '')).toMatchObject({
      autoscalingGroupName: 'shop-dev',
      launchTemplateVersion: 7,
      all: outputs,
    });
    expect(readContract({ ...outputs, launch_template_version: '12' }, '').launchTemplateVersion).toBe(12);
  });

  it.each([
    ['launch_template_version', '$Latest'],
    ['launch_template_version', 0],
    ['launch_template_id', 'shop'],
    ['target_group_arns', 'arn:one'],
    ['alarm_names', [1]],
    ['url', ''],
    ['autoscaling_group_name', null],
  ])('refuses %s = %j by name and type', (name, value) => {
    expect(() => readContract({ ...outputs, [name]: value }, '')).toThrow(
      expect.objectContaining({ reason: 'terraform-contract', message: expect.stringContaining(name) }),
    );
  });

  it('says of an empty value that it must not be empty', () => {
    expect(() => readContract({ ...outputs, url: '' }, 'Nothing.')).toThrow(
      `gives outputs that the action can't use: url is "" and must be a string, not empty`,
    );
  });

  it('names what is missing, with its type', () => {
    expect(missingOutputs(['url', 'alarm_names'])).toHaveLength(5);
    expect(() => readContract({ url: 'x' }, '')).toThrow(/6 outputs .*launch_template_version \(number/);
    expect(outputsMissing(['url'], '').message).toContain(
      'an output that the action needs: url (string, not empty)',
    );
  });
});
