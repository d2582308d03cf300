/** GitHub refuses a longer body with 422, in characters. */
const longestComment = 65_536;

/** Characters kept free for the head, and for the sentence that a later run may put on top. */
const headroom = 1_500;

/** Room for the summary in a comment, in bytes: those are never fewer than the characters that GitHub counts. */
export const roomForSummary = longestComment - headroom;

/** What a comment is known by when it is looked for again; one for each environment, and invisible to people. */
export function commentMarker({
  application,
  environment,
}: {
  application: string;
  environment: string;
}): string {
  return `<!-- asg-deploy plan ${application} ${environment} -->`;
}

/** Whose plan a comment shows. */
export interface PlanOrigin {
  /** GitHub's id of the run: a later run has a higher one. */
  runId: string;
  runUrl: string;
  /** 40 hex digits or ''. */
  commit: string;
  commitUrl: string;
}

/** The comment: its marker, the run that wrote it, the commit, the summary. Pure. */
export function commentBody(marker: string, summary: string, origin: PlanOrigin): string {
  const of = origin.commit === '' ? '' : ` of commit ${commitLink(origin)}`;
  return `${marker}\n${runMarker(origin.runId)}\n<sub>Plan${of} · [run](${origin.runUrl})</sub>\n\n${summary}`;
}

const outdated = /^> \[!WARNING\]\n> \*\*Outdated\.\*\* .*\n\n/m;

/** The comment of an earlier run with a word on top that another commit is being planned; once. Pure. */
export function outdatedBody(body: string, origin: PlanOrigin): string {
  const [marker = '', run = '', ...rest] = body.replace(outdated, '').split('\n');
  const note = `> [!WARNING]\n> **Outdated.** ${commitLink(origin) || 'A newer commit'} is being planned in [this run](${origin.runUrl}).\n\n`;
  return `${marker}\n${run}\n${note}${rest.join('\n')}`;
}

/** Whether a later run than this one wrote the comment. Pure. */
export function isNewer(body: string, { runId }: PlanOrigin): boolean {
  const [, wrote = '0'] = /^<!-- run (\d+) -->$/m.exec(body) ?? [];
  return Number(wrote) > Number(runId);
}

function runMarker(runId: string): string {
  return `<!-- run ${runId} -->`;
}

function commitLink({ commit, commitUrl }: PlanOrigin): string {
  return commit === '' ? '' : `[${commit.slice(0, 7)}](${commitUrl})`;
}
