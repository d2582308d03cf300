import type { Attributes, Change } from './plan-document.ts';
import { isMarked } from './plan-document.ts';

/** What a change in place takes away. */
export interface LossyUpdate {
  severity: 'refused' | 'warning';
  why: string;
}

type Rule = (before: Attributes, after: Attributes, change: Change) => LossyUpdate | undefined;

const refused = (why: string): LossyUpdate => ({ severity: 'refused', why });
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

const backups: Rule = ({ backup_retention_period: was }, { backup_retention_period: is }) => {
  if (typeof is !== 'number' || is >= number(was)) return undefined;
  return is === 0
    ? refused('its automated backups are deleted at once (backup_retention_period 0)')
    : {
        severity: 'warning',
        why: `its automated backups that are older than ${is === 1 ? 'a day' : `${is} days`} are deleted (backup_retention_period was ${number(was)})`,
      };
};

const disabled =
  (attribute: string, why: string): Rule =>
  (before, after) =>
    before[attribute] === true && after[attribute] === false ? refused(why) : undefined;

/** Requests that went to a target group go elsewhere. */
const forwards =
  (attribute: string): Rule =>
  (before, after, { after_unknown: unknown }) => {
    if (isMarked(unknown?.[attribute])) return undefined;
    const kept = targetGroups(after[attribute]);
    return targetGroups(before[attribute]).every((arn) => kept.includes(arn))
      ? undefined
      : {
          severity: 'warning',
          why: 'it no longer forwards to a target group that it forwarded to: requests go elsewhere at apply',
        };
  };

function targetGroups(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    /^(arn|target_group_arn)$/.test(name) && typeof each === 'string' && each !== ''
      ? [each]
      : targetGroups(each),
  );
}

/** Every entry that goes, goes with its data. */
const replicas: Rule = ({ replica: before }, { replica: after }) =>
  Array.isArray(before) && Array.isArray(after) && after.length < before.length
    ? refused('a replica of the table is deleted')
    : undefined;

const retention: Rule = ({ retention_in_days: was }, { retention_in_days: is }) =>
  number(is) > 0 && (number(was) === 0 || number(is) < number(was))
    ? { severity: 'warning', why: 'what is older than its new retention_in_days is deleted' }
    : undefined;

/** The types that lose something by a change in place. */
const rules = new Map<string, Rule>([
  ['aws_db_instance', backups],
  ['aws_rds_cluster', backups],
  [
    'aws_kms_key',
    disabled('is_enabled', 'everything that is encrypted with it can not be read while it is disabled'),
  ],
  ['aws_cloudfront_distribution', disabled('enabled', 'nothing answers while it is disabled')],
  ['aws_globalaccelerator_accelerator', disabled('enabled', 'nothing answers while it is disabled')],
  ['aws_dynamodb_table', replicas],
  ['aws_cloudwatch_log_group', retention],
  ['aws_lb_listener', forwards('default_action')],
  ['aws_alb_listener', forwards('default_action')],
  ['aws_lb_listener_rule', forwards('action')],
  ['aws_alb_listener_rule', forwards('action')],
]);

/** The types whose change in place has to be looked at. */
export const lossyTypes: ReadonlySet<string> = new Set(rules.keys());

/** What a change in place takes away, if anything. Pure. */
export function lossyUpdate(type: string, change: Change): LossyUpdate | undefined {
  const { before, after } = change;
  return before === null || after === null ? undefined : rules.get(type)?.(before, after, change);
}
