/** The page at the gateway's address, and what it asks. */
import { beforeAll, expect, it } from '@jest/globals';
import { asQuery, CloudOfTests, suiteWithModels } from '../helpers/cloud.ts';

const cloud = new CloudOfTests();

interface State {
  ready: boolean;
  groups: {
    name: string;
    desired: number;
    instances: { InstanceId: string; LifecycleState: string }[];
    refreshes: { Status: string }[];
  }[];
  alarms: { name: string; state: string }[];
  calls: { operation: string; errorCode?: string }[];
}

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${cloud.endpoint}/_local/${path}`, { headers });
const state = async () => (await (await get('state')).json()) as State;

suiteWithModels('the console', () => {
  beforeAll(async () => {
    const data = { 'LaunchTemplateData.ImageId': 'ami-1', 'LaunchTemplateData.InstanceType': 't3.micro' };
    await cloud.call('ec2', 'CreateLaunchTemplate', { LaunchTemplateName: 'shop', ...data });
    const group = {
      ...{ AutoScalingGroupName: 'shop-dev', MinSize: 2, MaxSize: 2, AvailabilityZones: ['eu-north-1a'] },
      LaunchTemplate: { LaunchTemplateName: 'shop' },
    };
    await cloud.call('autoscaling', 'CreateAutoScalingGroup', asQuery(group));
    await fetch(`${cloud.endpoint}/_local/clock`, { method: 'POST', body: '{"advance":120}' });
    await cloud.send('autoscaling', 'CancelInstanceRefresh', { AutoScalingGroupName: 'shop-dev' });
  });

  it('is a page that takes nothing from elsewhere, and runs nothing that stands in it', async () => {
    const answer = await get('');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const page = await answer.text();
    expect(page).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
    expect(page).not.toMatch(/https?:\/\/|<style|<script(?! type="module" src="page.js">)/);
    for (const file of [...page.matchAll(/(?:src|href)="([\w.]+)"/g)].map(([, name]) => name ?? ''))
      expect((await get(file)).headers.get('content-type')).toMatch(
        /^text\/(css|javascript); charset=utf-8$/,
      );
  });

  it('shows groups with their instances, calls and refusals', async () => {
    const { ready, groups, calls } = await state();
    expect(ready).toBe(true);
    expect(groups).toMatchObject([{ name: 'shop-dev', desired: 2, refreshes: [] }]);
    expect(groups[0]?.instances).toHaveLength(2);
    expect(calls[0]).toMatchObject({
      operation: 'CancelInstanceRefresh',
      errorCode: 'ActiveInstanceRefreshNotFound',
    });
  });

  it('is no call itself', async () => {
    const before = (await state()).calls.length;
    expect((await state()).calls).toHaveLength(before);
  });

  it('shows the boot log of an instance, and of no other', async () => {
    const [instance] = (await state()).groups[0]?.instances ?? [];
    expect((await get(`boot-log?instance=${instance?.InstanceId}`)).status).toBe(200);
    expect((await get('boot-log?instance=i-nobody')).status).toBe(400);
  });

  it('is not for the page of another site', async () => {
    for (const origin of ['https://evil.example', 'http://127.0.0.1:1', 'null'])
      expect((await get('state', { origin })).status).toBe(403);
    expect((await get('state', { origin: cloud.endpoint })).status).toBe(200);
  });
});
