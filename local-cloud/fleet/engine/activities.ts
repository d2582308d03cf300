/** Scaling activities: one record for everything that happens to an instance. */
import type { Activity, ActivityStatus, FleetState, Group, Instance } from './state.ts';

/** AWS keeps six weeks; the engine keeps the newest of them up to this many a group. */
const kept = 5000;

/** Begins an activity, as the newest of the group. */
export function beginActivity(
  state: FleetState,
  group: Group,
  now: number,
  what: { description: string; cause: string; instance: Instance; status?: ActivityStatus },
): Activity {
  const activity: Activity = {
    id: state.newId('uuid'),
    description: what.description,
    cause: what.cause.slice(0, 1023),
    startTime: now,
    statusCode: what.status ?? 'InProgress',
    progress: 0,
    details: JSON.stringify({
      ...(what.instance.subnetId ? { 'Subnet ID': what.instance.subnetId } : {}),
      'Availability Zone': what.instance.availabilityZone,
    }),
  };
  group.activities.push(activity);
  if (group.activities.length > kept) group.activities.splice(0, group.activities.length - kept);
  return activity;
}

/** Ends an activity. A message is what AWS also shows behind "Status Reason:" in the Description. */
export function endActivity(
  activity: Activity | undefined,
  now: number,
  statusCode: 'Successful' | 'Failed' | 'Cancelled',
  message?: string,
): void {
  if (activity === undefined || activity.endTime !== undefined) return;
  activity.statusCode = statusCode;
  activity.endTime = now;
  activity.progress = 100;
  if (message === undefined) return;
  activity.statusMessage = message.slice(0, 255);
  activity.description = `${activity.description}.  Status Reason: ${message}`;
}
