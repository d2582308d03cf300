/** What new instances are made of: launch template or mixed instances policy, read, checked and given back. */
import type { FleetContext } from './context.ts';
import type { LaunchConfiguration, LaunchTemplateSpecification } from '../engine/index.ts';
import { type Parameters, validationError } from './parameters.ts';

/**
 * The launch configuration of a request, or undefined when it names none. The template must resolve, as it must on
 * AWS when a group that uses it is made, changed or refreshed.
 * @throws ApiError ValidationError
 */
export async function readConfiguration(
  context: FleetContext,
  parameters: Parameters,
): Promise<LaunchConfiguration | undefined> {
  const template = parameters.structure('LaunchTemplate');
  const policy = parameters.structure('MixedInstancesPolicy');
  if (template && policy) {
    throw validationError(
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or ' +
        'MixedInstancesPolicy parameter.',
    );
  }
  if (policy) return readPolicy(context, policy);
  return template && { launchTemplate: await readTemplate(context, template) };
}

async function readPolicy(context: FleetContext, policy: Parameters): Promise<LaunchConfiguration> {
  const template = policy.structure('LaunchTemplate');
  const specification = template?.structure('LaunchTemplateSpecification');
  if (template === undefined || specification === undefined) {
    throw validationError('The mixed instances policy must have a launch template specification.');
  }
  const launchTemplate = await readTemplate(context, specification);
  const distribution = policy.structure('InstancesDistribution')?.raw ?? {};
  return {
    launchTemplate,
    mixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: launchTemplate,
        Overrides: template.raw.Overrides ?? [],
      },
      // The defaults of the AutoScaling API, which it also shows.
      InstancesDistribution: {
        OnDemandAllocationStrategy: 'prioritized',
        OnDemandBaseCapacity: 0,
        OnDemandPercentageAboveBaseCapacity: 100,
        SpotAllocationStrategy: 'lowest-price',
        ...(distribution.SpotAllocationStrategy ? {} : { SpotInstancePools: 2 }),
        ...distribution,
      },
    },
  };
}

async function readTemplate(
  context: FleetContext,
  template: Parameters,
): Promise<LaunchTemplateSpecification> {
  const id = template.text('LaunchTemplateId');
  const name = template.text('LaunchTemplateName');
  const version = template.text('Version') ?? '$Default';
  if ((id === undefined) === (name === undefined)) {
    throw validationError(
      'Valid requests must contain either launchTemplateId or LaunchTemplateName, and not both.',
    );
  }
  const asked: LaunchTemplateSpecification = { Version: version };
  if (id !== undefined) asked.LaunchTemplateId = id;
  if (name !== undefined) asked.LaunchTemplateName = name;
  const found = await context.resolve(asked).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw validationError(`You must use a valid fully-formed launch template. ${why}`);
  });
  return { LaunchTemplateId: found.id, LaunchTemplateName: found.name, Version: version };
}

/** The configuration as Describe answers show it: one of the two, never both. */
export const renderConfiguration = (configuration: LaunchConfiguration): Record<string, unknown> =>
  configuration.mixedInstancesPolicy
    ? { MixedInstancesPolicy: configuration.mixedInstancesPolicy }
    : { LaunchTemplate: configuration.launchTemplate };
