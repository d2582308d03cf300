/** What is shown of the cloud's state, as elements. */
import { el } from './tree.js';

/** More instances than these are counted only. */
const MOST_INSTANCES = 100;

const tones = {
  good: ['InService', 'Healthy', 'healthy', 'OK', 'Successful'],
  bad: ['Unhealthy', 'unhealthy', 'ALARM', 'Failed', 'RollbackFailed', 'RollbackSuccessful', 'Terminated'],
};
const toneOf = (word) => Object.keys(tones).find((tone) => tones[tone].includes(word)) ?? 'wait';
const state = (word) => el('span', { class: toneOf(word) }, word);
const soft = (text) => el('p', { class: 'soft' }, text);
const lines = (items) => items.map((item) => el('div', {}, ...[item].flat()));
const clock = (at) => new Date(at).toLocaleTimeString('en-GB');

/** An ARN without what all of them have. */
const short = (text) => text.replace(/arn:[^:]*:[^:]*:[^:]*:\d*:/, '');

/**
 * On a narrow page its cells stand below each other, named by their columns; the roles are for that: a browser drops those
 * of a table that is laid out otherwise.
 *
 * @param rows cells; the first one names its row
 */
function table(caption, [first, ...others], rows) {
  const row = ({ key, cells: [name, ...rest] }) =>
    el(
      'tr',
      { role: 'row', ...(key !== undefined && { 'data-key': key }) },
      el('th', { scope: 'row', role: 'rowheader' }, ...[name].flat()),
      ...rest.map((cell, column) =>
        el('td', { role: 'cell', 'data-column': others[column] }, ...[cell].flat()),
      ),
    );
  const column = (text) => el('th', { scope: 'col', role: 'columnheader' }, text);
  return el(
    'div',
    { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': caption },
    el(
      'table',
      { role: 'table', 'aria-label': caption },
      el('caption', {}, caption),
      el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ...[first, ...others].map(column))),
      el('tbody', { role: 'rowgroup' }, ...rows.map(row)),
    ),
  );
}

/** Whether the refresh still goes on. */
export const isRunning = ({ EndTime }) => EndTime === undefined;

function drawRefresh(name, refresh) {
  const { InstanceRefreshId, Status, PercentageComplete = 0, StatusReason, DesiredConfiguration } = refresh;
  const version = DesiredConfiguration?.LaunchTemplate?.Version;
  return el(
    'div',
    { 'data-key': InstanceRefreshId },
    el(
      'p',
      {},
      version === undefined ? 'Instance refresh ' : `Instance refresh to version ${version} `,
      state(Status),
      ' ',
      el('progress', { max: '100', value: String(PercentageComplete), 'aria-label': `Refresh of ${name}` }),
      ` ${PercentageComplete} %`,
    ),
    StatusReason === undefined ? undefined : soft(StatusReason),
  );
}

function drawEarlier(name, refreshes) {
  if (refreshes.length === 0) return undefined;
  const rows = refreshes.map((one) => ({
    key: one.InstanceRefreshId,
    cells: [
      el('code', {}, one.InstanceRefreshId.slice(0, 8)),
      state(one.Status),
      `${one.PercentageComplete ?? 0} %`,
      one.StatusReason ?? '',
    ],
  }));
  return el(
    'details',
    { 'data-key': 'earlier' },
    el('summary', {}, `${refreshes.length} earlier`),
    table(`Earlier refreshes of ${name}`, ['refresh', 'state', 'done', 'why'], rows),
  );
}

function count(words) {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([left], [right]) => String(left).localeCompare(String(right)));
}

const isSettled = ({ LifecycleState, HealthStatus }) =>
  LifecycleState === 'InService' && HealthStatus === 'Healthy';

/** Loaded by the page when it is opened. */
const drawBootLog = (id) =>
  el(
    'details',
    { 'data-boot-log': id },
    el('summary', { 'aria-label': `boot log of ${id}` }, 'boot log'),
    el('pre', { tabindex: '0', role: 'region', 'aria-label': `Boot log of ${id}`, 'data-own': '' }, '…'),
  );

function drawInstances({ name, instances, targets }) {
  const health = new Map();
  for (const { Target, TargetHealth } of targets.flatMap((group) => group.health)) {
    const { State, Reason } = TargetHealth;
    health.set(Target.Id, [
      ...(health.get(Target.Id) ?? []),
      [state(State), Reason === undefined ? '' : ` ${Reason}`],
    ]);
  }
  // Where not all are shown, those that move are.
  const shown =
    instances.length <= MOST_INSTANCES
      ? instances
      : [...instances.filter((one) => !isSettled(one)), ...instances.filter(isSettled)];
  const rows = shown.slice(0, MOST_INSTANCES).map((one) => ({
    key: one.InstanceId,
    cells: [
      el('code', {}, one.InstanceId),
      String(one.LaunchTemplate?.Version ?? ''),
      state(one.LifecycleState),
      state(one.HealthStatus),
      lines(health.get(one.InstanceId) ?? []),
      drawBootLog(one.InstanceId),
    ],
  }));
  const left = shown.length - rows.length;
  return [
    table(`Instances of ${name}`, ['instance', 'version', 'lifecycle', 'health', 'target', 'console'], rows),
    left > 0 ? soft(`and ${left} more`) : undefined,
  ];
}

function drawGroup({ name, desired, template, instances = [], targets, refreshes }) {
  const versions = count(instances.map(({ LaunchTemplate }) => LaunchTemplate?.Version ?? '?'));
  const states = count(instances.map(({ LifecycleState }) => LifecycleState));
  const is = [
    `wants ${desired}, has ${instances.length}`,
    ...states.map(([word, times]) => `${times} ${word}`),
    ...versions.map(([version, times]) => `version ${version}: ${times}`),
    `launches version ${template?.Version ?? '?'}`,
  ];
  return el(
    'div',
    { 'data-key': name },
    el('h3', {}, name),
    soft(is.join(' · ')),
    ...refreshes.slice(0, 1).map((one) => drawRefresh(name, one)),
    drawEarlier(name, refreshes.slice(1)),
    ...(instances.length === 0 ? [] : drawInstances({ name, instances, targets })),
  );
}

export const drawGroups = (groups) =>
  groups.length === 0 ? [soft('There is none yet.')] : groups.map(drawGroup);

/** Where a rule sends requests: a bar of its weights, and the same in words. */
function drawWeights(to) {
  const all = to.reduce((sum, { weight }) => sum + weight, 0);
  const share = (weight) => (all === 0 ? 0 : Math.round((weight / all) * 1000) / 10);
  const colour = (index) => `part-${index % 3}`;
  const bar = el('div', { class: 'bar', 'aria-hidden': 'true' });
  to.forEach(({ weight }, index) => {
    const part = el('div', { class: colour(index) });
    part.style.width = `${share(weight)}%`;
    bar.append(part);
  });
  const words = to.map(({ name, weight, groups }, index) =>
    el(
      'div',
      {},
      el('span', { class: `dot ${colour(index)}`, 'aria-hidden': 'true' }),
      `${share(weight)} % ${groups.length === 0 ? `target group ${name}` : groups.join(', ')}`,
      el('span', { class: 'soft' }, ` weight ${weight}`),
    ),
  );
  return to.length > 1 ? [bar, ...words] : words;
}

const drawRule = ({ port, priority, conditions, to, says }) => ({
  key: `${port} ${priority}`,
  cells: [
    `${port}, ${priority}`,
    conditions.length === 0 ? 'every other request' : lines(conditions),
    to === undefined ? says : drawWeights(to),
  ],
});

export function drawTraffic(balancers) {
  if (balancers.length === 0) return [soft('There is no load balancer yet.')];
  return balancers.map(({ name, addresses, rules }) =>
    el(
      'div',
      { 'data-key': name },
      el('h3', {}, name),
      addresses.length === 0 ? undefined : soft(`answers at ${addresses.join(', ')}`),
      rules.length === 0
        ? soft('It has no listener.')
        : table(`Rules of ${name}`, ['port, rule', 'requests', 'go to'], rules.map(drawRule)),
    ),
  );
}

export function drawAlarms(alarms) {
  if (alarms.length === 0) return [soft('There is none.')];
  const rows = alarms.map(({ name, state: word, about, reason, since }) => ({
    key: name,
    cells: [name, state(word), since === undefined ? '' : clock(since), about, reason],
  }));
  return [table('Alarms of CloudWatch', ['alarm', 'state', 'since', 'goes off when', 'why'], rows)];
}

/** @param caption also says that there is none */
export function drawCalls(calls, caption, none) {
  if (calls.length === 0) return [soft(none)];
  const rows = calls.map((one) => ({
    cells: [
      clock(one.at),
      one.status < 400
        ? el('span', { class: 'good' }, String(one.status))
        : el('span', { class: 'bad' }, `${one.status} ${one.errorCode ?? ''}`),
      el('code', {}, `${one.service}:${one.operation}`),
      short(one.subject ?? ''),
      short(one.principal ?? one.identity ?? ''),
    ],
  }));
  return [table(caption, ['time', 'answer', 'call', 'about', 'by'], rows)];
}
