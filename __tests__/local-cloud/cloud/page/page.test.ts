/** The console page in a real browser: what it shows, how it follows the cloud, and who can use it. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { setTimeout as delay } from 'node:timers/promises';
import { axeFindings, BrowserOfTests, suiteWithBrowser } from '../../../support/browser.ts';
import { asQuery, CloudOfTests, found, suiteWithModels } from '../../helpers/cloud.ts';

const suite = suiteWithModels === describe.skip ? suiteWithModels : suiteWithBrowser;
const cloud = new CloudOfTests();

const later = (seconds: number) => cloud.control('/clock', { advance: seconds });
const autoScaling = (operation: string, input: object) =>
  cloud.call('autoscaling', operation, asQuery(input));
const balancing = (operation: string, input: object) => cloud.call('elbv2', operation, asQuery(input));

async function targetGroup(Name: string): Promise<string> {
  const port = {
    Protocol: 'HTTP',
    Port: 3000,
    VpcId: found(await cloud.call('ec2', 'DescribeVpcs'), 'vpcId'),
  };
  return found(await balancing('CreateTargetGroup', { Name, ...port }), 'TargetGroupArn');
}

const group = (name: string, capacity: number, arn: string) =>
  autoScaling('CreateAutoScalingGroup', {
    ...{ AutoScalingGroupName: name, MinSize: 0, MaxSize: 200, DesiredCapacity: capacity },
    ...{ AvailabilityZones: ['eu-north-1a'], LaunchTemplate: { LaunchTemplateName: 'shop', Version: '1' } },
    ...{ TargetGroupARNs: [arn], HealthCheckType: 'ELB', HealthCheckGracePeriod: 60 },
  });

const forward = (weights: Record<string, number>) => [
  {
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
    },
  },
];

const seen = { blue: '', green: '', rule: '' };

/** Two groups behind one rule, as blue/green has them, and an alarm. */
async function makeService(): Promise<void> {
  const data = { 'LaunchTemplateData.ImageId': 'ami-1', 'LaunchTemplateData.InstanceType': 't3.micro' };
  await cloud.call('ec2', 'CreateLaunchTemplate', { LaunchTemplateName: 'shop', ...data });
  await cloud.call('ec2', 'CreateLaunchTemplateVersion', { LaunchTemplateName: 'shop', ...data });
  const subnets = [...(await cloud.call('ec2', 'DescribeSubnets')).matchAll(/<subnetId>([^<]+)</g)];
  const Subnets = subnets.slice(0, 2).map(([, id]) => id);
  const LoadBalancerArn = found(
    await balancing('CreateLoadBalancer', { Name: 'shop', Subnets }),
    'LoadBalancerArn',
  );
  seen.blue = await targetGroup('blue');
  seen.green = await targetGroup('green');
  const DefaultActions = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }];
  const listener = { LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions };
  const ListenerArn = found(await balancing('CreateListener', listener), 'ListenerArn');
  const Conditions = [{ Field: 'path-pattern', Values: ['/*'] }];
  const Actions = forward({ [seen.blue]: 100, [seen.green]: 0 });
  seen.rule = found(
    await balancing('CreateRule', { ListenerArn, Priority: 20, Conditions, Actions }),
    'RuleArn',
  );
  await group('shop-dev', 2, seen.blue);
  await group('shop-dev-green', 0, seen.green);
  await cloud.call('cloudwatch', 'PutMetricAlarm', {
    ...{ AlarmName: 'shop-dev-5xx', Namespace: 'Shop', MetricName: 'Errors', Statistic: 'Sum', Period: 60 },
    ...{ EvaluationPeriods: 3, DatapointsToAlarm: 2, Threshold: 5, TreatMissingData: 'ignore' },
    ComparisonOperator: 'GreaterThanThreshold',
  });
  await later(120);
}

const setAlarm = (StateValue: string) =>
  cloud.call('cloudwatch', 'SetAlarmState', {
    AlarmName: 'shop-dev-5xx',
    StateValue,
    StateReason: 'tried out',
  });

/** Pixels that the page is wider than its window. */
const tooWide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

const settings = {
  light: { colorScheme: 'light', viewport: { width: 1200, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1200, height: 800 } },
  'a phone': { colorScheme: 'light', viewport: { width: 360, height: 740 } },
} as const;

suite('the console page', () => {
  const browser = new BrowserOfTests();
  let page: Page;
  let said: string[];

  /** Looks until it is so, for as long as the page needs to look a few times. */
  async function text(of: () => Promise<string | null>, wanted: RegExp): Promise<void> {
    for (let left = 600; left > 0 && !wanted.test((await of()) ?? ''); left -= 1) await delay(100);
    expect(await of()).toMatch(wanted);
  }
  const status = () => page.getByRole('status').textContent();
  const rowOf = (table: string, name: string) => () =>
    page
      .getByRole('table', { name: table })
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name }) })
      .first()
      .innerText();

  beforeAll(async () => {
    await makeService();
    ({ page, said } = await browser.open(`${cloud.endpoint}/_local/`));
  });

  it('has landmarks, headings and a name for each part', async () => {
    await text(status, /^2 groups, no refresh is running$/);
    for (const landmark of ['banner', 'navigation', 'main'] as const)
      expect(await page.getByRole(landmark).count()).toBe(1);
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
      ...['Auto Scaling groups', 'Traffic', 'Alarms', 'Refused calls', 'Calls'],
    ]);
    for (const link of await page.getByRole('navigation').getByRole('link').all()) {
      const target = (await link.getAttribute('href')) ?? '';
      expect(await page.locator(target).count()).toBe(1);
    }
  });

  it('shows where a rule sends requests, and follows its weights', async () => {
    await text(
      rowOf('Rules of shop', '80, 20'),
      /path-pattern: \/\*[^]*100 % shop-dev weight 100[^]*0 % shop-dev-green/,
    );
    await text(rowOf('Rules of shop', '80, default'), /every other request\s+a fixed answer, 404/);
    await balancing('ModifyRule', {
      RuleArn: seen.rule,
      Actions: forward({ [seen.blue]: 90, [seen.green]: 10 }),
    });
    await text(rowOf('Rules of shop', '80, 20'), /90 % shop-dev weight 90[^]*10 % shop-dev-green weight 10/);
    const [blue, green] = await page.locator('.bar > div').all();
    const width = async (part = page.locator('.bar')) => (await part.boundingBox())?.width ?? 0;
    expect((await width(blue)) / (await width(green))).toBeCloseTo(9, 1);
  });

  it('shows an alarm, what it is about and why, and says it', async () => {
    await setAlarm('ALARM');
    await text(status, /; alarm shop-dev-5xx$/);
    await text(
      rowOf('Alarms of CloudWatch', 'shop-dev-5xx'),
      /ALARM\s+\d\d:\d\d:\d\d\s+Sum of Errors > 5, in 2 of 3 × 60 s\s+tried out/,
    );
    await setAlarm('OK');
    await text(status, /running$/);
  });

  it('keeps refused calls in sight when other calls come', async () => {
    await cloud.send('autoscaling', 'StartInstanceRefresh', { AutoScalingGroupName: 'nobody' });
    for (let call = 0; call < 70; call += 1) await cloud.call('ec2', 'DescribeVpcs');
    const refused = () => page.getByRole('region', { name: 'Refused calls, newest first' }).innerText();
    await text(refused, /4\d\d \w+\s+autoscaling:StartInstanceRefresh\s+AutoScalingGroupName=nobody/);
    const calls = () => page.getByRole('region', { name: 'The latest calls, newest first' }).innerText();
    await text(calls, /^(?![^]*nobody)/);
  });

  it('follows a refresh, whose steps are not all read out', async () => {
    await autoScaling('StartInstanceRefresh', {
      AutoScalingGroupName: 'shop-dev',
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateName: 'shop', Version: '2' } },
      Preferences: { MinHealthyPercentage: 50, InstanceWarmup: 30 },
    });
    await text(status, /^shop-dev: refresh (Pending|InProgress)$/);
    expect(await page.getByRole('progressbar', { name: 'Refresh of shop-dev' }).getAttribute('value')).toBe(
      '0',
    );
    await later(1200);
    await text(() => page.locator('#groups').innerText(), /Instance refresh to version 2 Successful\s+100 %/);
    await text(rowOf('Instances of shop-dev', 'i-'), /\s2\s+InService\s+Healthy\s+healthy/);
    await text(status, /no refresh is running$/);
  });

  it('is for the keyboard too: what was opened stays open and in focus while all around it moves', async () => {
    const log = page.getByRole('region', { name: /^Boot log of i-/ }).first();
    const focused = async () => page.locator(':focus').getAttribute('aria-label');
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await focused())?.startsWith('boot log') === true) break;
    }
    const summary = await focused();
    await page.keyboard.press('Enter');
    await text(() => log.innerText(), /template version 2/);
    await autoScaling('SetDesiredCapacity', { AutoScalingGroupName: 'shop-dev', DesiredCapacity: '3' });
    await later(60);
    await text(() => page.locator('#groups').innerText(), /wants 3, has 3/);
    expect(await log.isVisible()).toBe(true);
    expect(await focused()).toBe(summary);
  });

  it('can be paused, and goes on', async () => {
    const pause = page.getByRole('button', { name: 'Pause' });
    await pause.press('Space');
    expect(await pause.getAttribute('aria-pressed')).toBe('true');
    await text(status, /^Paused/);
    await setAlarm('ALARM');
    await delay(1500);
    expect(await rowOf('Alarms of CloudWatch', 'shop-dev-5xx')()).toContain('OK');
    await pause.press('Space');
    await text(rowOf('Alarms of CloudWatch', 'shop-dev-5xx'), /ALARM/);
  });

  it('says so when the cloud does not answer, and finds it again', async () => {
    await page.route('**/state', (route) => route.abort());
    await text(status, /^The local cloud does not answer \(.+\); looking again\.$/);
    await page.unroute('**/state');
    await text(status, /^2 groups/);
    expect(said.splice(0)).not.toEqual([]);
  });

  it.each(Object.entries(settings))(
    'is accessible in %s, and no wider than the window',
    async (_name, setting) => {
      const { page: other, said: errors } = await browser.open(`${cloud.endpoint}/_local/`, setting);
      await other.locator('summary', { hasText: 'boot log' }).first().click();
      await other.getByText('template version').first().waitFor();
      expect(await axeFindings(other)).toEqual([]);
      expect(await other.evaluate<number>(tooWide)).toBe(0);
      expect(errors).toEqual([]);
      await other.close();
    },
  );

  it('shows rows whole on a phone: cells below each other, each named by its column', async () => {
    const { page: phone } = await browser.open(`${cloud.endpoint}/_local/`, settings['a phone']);
    await phone.locator('td[data-column]').first().waitFor();
    const outside = `[...document.querySelectorAll('.scroll, td, tbody th')]
      .filter((each) => each.scrollWidth > each.clientWidth || each.getBoundingClientRect().right > innerWidth)
      .map((each) => each.textContent)`;
    expect(await phone.evaluate<string[]>(outside)).toEqual([]);
    const cells = `[...document.querySelectorAll('table[aria-label="Instances of shop-dev"] tbody tr:first-child td')]
      .map((cell) => getComputedStyle(cell, '::before').content + ' ' + cell.textContent.trim())`;
    expect(await phone.evaluate<string[]>(cells)).toEqual([
      ...['"version" 2', '"lifecycle" InService', '"health" Healthy', '"target" healthy'],
      expect.stringMatching(/^"console" boot log/),
    ]);
    // A browser drops the roles of a table that is laid out otherwise, unless they are said.
    const instances = phone.getByRole('table', { name: 'Instances of shop-dev', exact: true });
    expect(await instances.getByRole('cell').count()).toBe(15);
    await phone.close();
  });

  it('counts instances beyond a hundred, and shows those that move', async () => {
    await autoScaling('SetDesiredCapacity', {
      AutoScalingGroupName: 'shop-dev-green',
      DesiredCapacity: '150',
    });
    await later(300);
    await autoScaling('SetDesiredCapacity', {
      AutoScalingGroupName: 'shop-dev-green',
      DesiredCapacity: '151',
    });
    const green = () => page.getByRole('region', { name: 'Instances of shop-dev-green' }).innerText();
    await text(() => page.locator('#groups').innerText(), /wants 151, has 151 · 150 InService · 1 Pending/);
    await text(green, /Pending/);
    expect(
      await page.getByRole('table', { name: 'Instances of shop-dev-green' }).getByRole('row').count(),
    ).toBe(101);
    expect(await page.locator('#groups').innerText()).toContain('and 51 more');
  });

  it('has said nothing in the browser’s own console', () => {
    expect(said).toEqual([]);
  });
});
