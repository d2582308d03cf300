/** Scheduled actions: put, delete and describe, one by one and in batches. */
import { type ApiCall, ApiError } from '../../gateway/index.ts';
import { type Group, isTimeZone, nextRun, parseRecurrence, type ScheduledAction } from '../engine/index.ts';
import { type FleetContext, changeableGroup, groupOf } from './context.ts';
import { Parameters, page, validationError } from './parameters.ts';

/** The default quota of a group. */
const ACTIONS_PER_GROUP = 125;
const ACTIONS_PER_BATCH = 50;

function timeOf(parameters: Parameters, name: string): number | undefined {
  const text = parameters.text(name);
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw validationError(`The ${name} '${text}' is not a time.`);
  return time;
}

/** What a request gives; what it leaves out is left unchanged (API reference, PutScheduledUpdateGroupAction). */
function readAction(
  context: FleetContext,
  group: Group,
  parameters: Parameters,
): Omit<ScheduledAction, 'nextAt'> {
  const name = parameters.required('ScheduledActionName');
  const known = group.scheduled.get(name);
  const { accountId, region } = context.state;
  const uuid = context.state.newId('uuid');
  const owner = `autoScalingGroupName/${group.name}:scheduledActionName/${name}`;
  const given = {
    startTime: timeOf(parameters, 'StartTime') ?? timeOf(parameters, 'Time'),
    endTime: timeOf(parameters, 'EndTime'),
    recurrence: parameters.text('Recurrence'),
    timeZone: parameters.text('TimeZone'),
    minSize: parameters.integer('MinSize', { min: 0 }),
    maxSize: parameters.integer('MaxSize', { min: 0 }),
    desiredCapacity: parameters.integer('DesiredCapacity', { min: 0 }),
  };
  parameters.check();
  return {
    arn: `arn:aws:autoscaling:${region}:${accountId}:scheduledUpdateGroupAction:${uuid}:${owner}`,
    ...known,
    ...{ name, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) },
  };
}

/** Wordings are ours; that these are refused is documented. */
function checkAction(action: Omit<ScheduledAction, 'nextAt'>, now: number): void {
  const { minSize, maxSize, desiredCapacity, recurrence, timeZone, startTime, endTime } = action;
  if (minSize === undefined && maxSize === undefined && desiredCapacity === undefined)
    throw validationError('At least one of MinSize, MaxSize and DesiredCapacity must be specified.');
  if (startTime === undefined && recurrence === undefined)
    throw validationError('Either StartTime or Recurrence must be specified.');
  if (recurrence !== undefined && parseRecurrence(recurrence) === undefined)
    throw validationError(`Given recurrence string: ${recurrence} is invalid`);
  if (timeZone !== undefined && !isTimeZone(timeZone))
    throw validationError(`The time zone ${timeZone} is not valid.`);
  if (startTime !== undefined && startTime <= now && recurrence === undefined)
    throw validationError('The specified start time is in the past.');
  if (endTime !== undefined && endTime <= (startTime ?? now))
    throw validationError('The end time must be after the start time.');
  if ((minSize ?? 0) > (maxSize ?? Infinity))
    throw validationError(
      `Max bound, ${maxSize ?? ''}, must be greater than or equal to min bound, ${minSize ?? ''}`,
    );
}

/** @throws ApiError ValidationError, LimitExceeded, AlreadyExists (two actions of a group at the same time) */
function putAction(context: FleetContext, group: Group, parameters: Parameters): void {
  const now = context.clock.now();
  const action = readAction(context, group, parameters);
  checkAction(action, now);
  const nextAt = nextRun(action, now);
  if (nextAt === undefined) throw validationError('The scheduled action would never run.');
  const others = [...group.scheduled.values()].filter(({ name }) => name !== action.name);
  if (others.length >= ACTIONS_PER_GROUP)
    throw new ApiError('LimitExceeded', `A group can have at most ${ACTIONS_PER_GROUP} scheduled actions.`);
  const sameTime = others.find((other) => other.nextAt === nextAt);
  if (sameTime !== undefined)
    throw new ApiError('AlreadyExists', `The scheduled action ${sameTime.name} starts at the same time.`);
  group.scheduled.set(action.name, { ...action, nextAt });
}

export function putScheduledUpdateGroupAction(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  putAction(context, changeableGroup(context, parameters.required('AutoScalingGroupName')), parameters);
  return {};
}

/** What went wrong with one of a batch, which the others don't suffer from. */
function attempt(name: string, act: () => void): object[] {
  try {
    act();
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return [{ ScheduledActionName: name, ErrorCode: error.code, ErrorMessage: error.message }];
  }
}

function checkBatch(size: number): void {
  if (size > ACTIONS_PER_BATCH)
    throw validationError(`A batch can have at most ${ACTIONS_PER_BATCH} scheduled actions.`);
}

export function batchPutScheduledUpdateGroupAction(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const group = changeableGroup(context, parameters.required('AutoScalingGroupName'));
  const actions = parameters.list('ScheduledUpdateGroupActions') ?? [];
  checkBatch(actions.length);
  const FailedScheduledUpdateGroupActions = actions.flatMap((action) =>
    attempt(action.required('ScheduledActionName'), () => putAction(context, group, action)),
  );
  return { FailedScheduledUpdateGroupActions };
}

function deleteAction(group: Group, name: string): void {
  if (!group.scheduled.delete(name)) throw validationError(`Scheduled action name not found - ${name}`);
}

export function deleteScheduledAction(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const group = changeableGroup(context, parameters.required('AutoScalingGroupName'));
  deleteAction(group, parameters.required('ScheduledActionName'));
  return {};
}

export function batchDeleteScheduledAction(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const group = changeableGroup(context, parameters.required('AutoScalingGroupName'));
  const names = parameters.texts('ScheduledActionNames') ?? [];
  checkBatch(names.length);
  return { FailedScheduledActions: names.flatMap((name) => attempt(name, () => deleteAction(group, name))) };
}

/** StartTime is when the action is due next: AWS's own example of a recurring one has it so. */
function render(group: Group, action: ScheduledAction): Record<string, unknown> {
  const time = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));
  return {
    AutoScalingGroupName: group.name,
    ScheduledActionName: action.name,
    ScheduledActionARN: action.arn,
    Time: time(action.nextAt),
    StartTime: time(action.nextAt),
    EndTime: time(action.endTime),
    Recurrence: action.recurrence,
    TimeZone: action.timeZone,
    MinSize: action.minSize,
    MaxSize: action.maxSize,
    DesiredCapacity: action.desiredCapacity,
  };
}

/** Those that have not run, or run again. @throws ApiError InvalidNextToken, ValidationError */
export function describeScheduledActions(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.text('AutoScalingGroupName');
  const names = parameters.texts('ScheduledActionNames') ?? [];
  const from = timeOf(parameters, 'StartTime') ?? -Infinity;
  const to = timeOf(parameters, 'EndTime') ?? Infinity;
  const groups = name === undefined ? [...context.state.groups.values()] : [groupOf(context, name)];
  const wanted = (action: ScheduledAction): boolean =>
    names.length > 0 ? names.includes(action.name) : action.nextAt >= from && action.nextAt <= to;
  const all = groups.flatMap((group) =>
    [...group.scheduled.values()].filter(wanted).map((one) => render(group, one)),
  );
  const found = page(all, parameters, { default: 50, max: 100 });
  return { ScheduledUpdateGroupActions: found.items, NextToken: found.NextToken };
}
