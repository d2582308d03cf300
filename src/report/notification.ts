import type { DeployError } from '../core/index.ts';
import { fullStop, rootCause, shortCommit } from '../core/index.ts';
import { fetchOut } from '../proxy/index.ts';
import { outcomeOf, signOf } from './record.ts';
import type { RunRecord } from './record.ts';

/** Hosts of Slack's incoming webhooks, which take a form of their own and refuse any other. */
const slackHosts = new Set(['hooks.slack.com', 'hooks.slack-gov.com']);

/** Characters of a block of Slack's, and of a cause. */
const longestText = 2_800;
const seconds = 10;
const attempts = 2;

/**
 * What a webhook is sent of how a run ended: Slack's form for Slack's hosts, else plain JSON, whose `text` chats of other
 * makers show. Both are masked by who gives record and failure. Pure.
 */
export function notificationFor(
  address: string,
  { record, failure, now }: { record: RunRecord; failure: DeployError | undefined; now: number },
): Record<string, unknown> {
  const plain = plainForm(record, failure, now);
  return slackHosts.has(new URL(address).hostname) ? slackForm(plain, record) : plain;
}

/**
 * Sends it. The address is a secret: nothing that is thrown or told holds it.
 * @returns why it was not taken; undefined when it was
 */
export async function notify(
  address: string,
  content: Record<string, unknown>,
  fetchWith: typeof fetch = fetchOut,
): Promise<string | undefined> {
  let why: string | undefined;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    try {
      const answer = await fetchWith(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(content),
        // Elsewhere the address, or what it is for, would be known to others.
        redirect: 'manual',
        signal: AbortSignal.timeout(seconds * 1000),
      });
      if (answer.ok) return undefined;
      why = `it answered with HTTP ${answer.status}`;
      if (answer.status < 500 && answer.status !== 429) return why;
    } catch (error) {
      why = rootCause(error);
    }
  }
  return why;
}

function plainForm(record: RunRecord, failure: DeployError | undefined, now: number) {
  const { command, application, environment, region, commit, runUrl, rollout, outputs, image } = record;
  const status = outcomeOf(record, failure);
  const sentence = clipped(
    failure === undefined ? (record.conclusion?.sentence ?? '') : fullStop(failure.message),
  );
  return {
    text: `${signOf(status, record)}: ${command} ${application} ${environment}. ${sentence}`,
    ...{ command, application, environment, region, status, sentence },
    'failure-reason': failure?.reason ?? '',
    left: clipped(failure?.left ?? ''),
    next: clipped(failure?.next ?? ''),
    'template-version': rollout?.templateVersion ?? null,
    'previous-template-version': rollout?.previousTemplateVersion ?? null,
    image: image?.reference ?? '',
    commit,
    url: outputs?.url ?? '',
    run: runUrl,
    'duration-seconds': Math.round((now - record.started) / 1000),
  };
}

/** https://docs.slack.dev/reference/block-kit/blocks */
function slackForm(
  plain: ReturnType<typeof plainForm>,
  { repositoryUrl }: RunRecord,
): Record<string, unknown> {
  const { status, command, application, environment, sentence, left, next, commit, url, run } = plain;
  const rest = [left, next === '' ? '' : `Next: ${next}`].filter((part) => part !== '');
  const links = [
    ...(run === '' ? [] : [slackLink(run, 'run')]),
    ...(url === '' ? [] : [slackLink(url, 'service')]),
    ...(commit === '' || repositoryUrl === ''
      ? []
      : [slackLink(`${repositoryUrl}/commit/${commit}`, `commit ${shortCommit(commit)}`)]),
  ];
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  return {
    text: slackText(plain.text),
    blocks: [
      section(
        `*${signOf(status, plain)}: ${slackText(`${command} ${application} ${environment}`)}*\n${slackText(sentence)}`,
      ),
      ...(rest.length === 0 ? [] : [section(slackText(clipped(rest.join('\n'))))]),
      ...(links.length === 0
        ? []
        : [{ type: 'context', elements: [{ type: 'mrkdwn', text: links.join(' · ') }] }]),
    ],
  };
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function slackLink(address: string, label: string): string {
  return `<${encodeURI(address).replaceAll('|', '%7C')}|${slackText(label)}>`;
}

function clipped(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}
