/** Requests just inside and just outside each constraint of AWS's models, over HTTP: taken, and refused by name. */
import { expect, it } from '@jest/globals';
import { readModel } from '../../../local-cloud/model/index.ts';
import { CloudOfTests, suiteWithModels, type WireAnswer } from '../helpers/cloud.ts';
import { probesOf } from '../helpers/probes.ts';
import { models } from '../helpers/service-model.ts';

const cloud = new CloudOfTests();

const refusesAt = ({ code, message }: WireAnswer, at: string): boolean =>
  code === 'ValidationError' &&
  message.includes('validation error') &&
  message.includes(` at '${at}' failed`);

/** Refused although the model allows it: words that it has as any text, and of moto's one enumeration that is older. */
const BEYOND = [
  ['CompleteLifecycleAction', 'lifecycleActionResult'],
  ['PutScalingPolicy', 'policyType'],
  ['PutScalingPolicy', 'adjustmentType'],
  ['SetIpAddressType', 'ipAddressType'],
].map((entry) => entry.join(' '));

const services = models === undefined ? [] : ['autoscaling', 'elbv2'];
const operations = services.flatMap((service) =>
  Object.keys(readModel(models ?? '', service).operations).map((name): [string, string] => [service, name]),
);

suiteWithModels('every constraint of the model', () => {
  it.each(operations)('%s %s', async (service, operation) => {
    const wrong: string[] = [];
    for (const { name, at, inside, outside } of probesOf(readModel(models ?? '', service), operation)) {
      const taken = await cloud.send(service, operation, inside);
      if (refusesAt(taken, at) && !BEYOND.includes(`${operation} ${at}`))
        wrong.push(`${name}: refused inside: ${taken.message}`);
      const refused = await cloud.send(service, operation, outside);
      if (!refusesAt(refused, at) || refused.status !== 400)
        wrong.push(`${name}: outside: HTTP ${refused.status} ${refused.code} ${refused.message}`);
    }
    expect(wrong).toEqual([]);
  });

  it('is looked for where there are some', () => {
    const names = probesOf(readModel(models ?? '', 'autoscaling'), 'StartInstanceRefresh').map(
      ({ name }) => name,
    );
    expect(names).toEqual(
      expect.arrayContaining([
        'autoScalingGroupName required',
        'autoScalingGroupName pattern',
        'preferences.minHealthyPercentage max',
        'preferences.scaleInProtectedInstances enum Wait',
        'desiredConfiguration.mixedInstancesPolicy.launchTemplate.overrides.1.member.instanceType max',
      ]),
    );
  });
});

if (models === undefined) {
  it.skip('skipped: the emulator is not installed yet; `npm test` installs it', () => undefined);
}
