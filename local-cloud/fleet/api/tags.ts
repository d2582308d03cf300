/** CreateOrUpdateTags, DeleteTags, DescribeTags: tags of Auto Scaling groups. */
import type { ApiCall } from '../../gateway/index.ts';
import type { Tag } from '../engine/index.ts';
import { type FleetContext, groupOf } from './context.ts';
import { Parameters, page, validationError } from './parameters.ts';
import { renderTags } from './render.ts';

/** The tags of a new group. A tag that names another resource is refused. */
export function readTags(parameters: Parameters, group: string): Tag[] {
  return (parameters.list('Tags') ?? []).map((tag) => {
    if ((tag.text('ResourceId') ?? group) !== group) {
      throw validationError('The resource id of a tag must be the name of the Auto Scaling group.');
    }
    return readTag(tag);
  });
}

function readTag(tag: Parameters): Tag {
  return {
    key: tag.required('Key'),
    value: tag.text('Value') ?? '',
    propagateAtLaunch: tag.boolean('PropagateAtLaunch') ?? false,
  };
}

export function createOrUpdateTags(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const changes = (parameters.list('Tags') ?? []).map((tag) => ({
    resource: tag.text('ResourceId', { required: true }) ?? '',
    tag: readTag(tag),
  }));
  parameters.check();
  const targets = changes.map(({ resource, tag }) => ({ group: groupOf(context, resource), tag }));
  for (const { group, tag } of targets) {
    group.tags = [...group.tags.filter((other) => other.key !== tag.key), tag];
  }
  return {};
}

export function deleteTags(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const changes = (parameters.list('Tags') ?? []).map((tag) => ({
    resource: tag.text('ResourceId', { required: true }) ?? '',
    key: tag.required('Key'),
  }));
  parameters.check();
  const targets = changes.map(({ resource, key }) => ({ group: groupOf(context, resource), key }));
  for (const { group, key } of targets) group.tags = group.tags.filter((tag) => tag.key !== key);
  return {};
}

export function describeTags(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const filters = (parameters.list('Filters') ?? []).map((filter) => ({
    name: filter.text('Name') ?? '',
    values: filter.texts('Values') ?? [],
  }));
  const fields: Record<string, string> = {
    'auto-scaling-group': 'ResourceId',
    key: 'Key',
    value: 'Value',
    'propagate-at-launch': 'PropagateAtLaunch',
  };
  const unknown = filters.find(({ name }) => fields[name] === undefined);
  if (unknown) throw validationError(`Filter type ${unknown.name} is not correct.`);
  const tags = [...context.state.groups.values()]
    .flatMap(renderTags)
    .filter((tag) =>
      filters.every(({ name, values }) => values.includes(String(tag[fields[name] ?? ''] as string))),
    );
  const found = page(tags, parameters, { default: 50, max: 100 });
  return { Tags: found.items, NextToken: found.NextToken };
}
