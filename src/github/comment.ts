/** GitHub refuses a longer body with 422, in characters. */
export const longestComment = 65_536;

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

/**
 * The comment: its marker, then the job summary. One that is too long is cut at a line's end; what was open there is
 * closed, and the rest is left to the job summary. Pure.
 */
export function commentBody(marker: string, summary: string, runUrl: string): string {
  const whole = `${marker}\n${summary}`;
  if (whole.length <= longestComment) return whole;
  const note = `\n\nThis is cut: GitHub takes ${longestComment} characters. [The job summary](${runUrl}) has all of it.\n`;
  const closings = '\n```\n</pre>\n</details>';
  const kept = whole.slice(0, longestComment - note.length - closings.length);
  const lines = kept.slice(0, kept.lastIndexOf('\n'));
  const isOpen = (begin: string, end: string) => lines.split(begin).length > lines.split(end).length;
  return [
    lines,
    ...(lines.split(/^```$/m).length % 2 === 0 ? ['```'] : []),
    ...(isOpen('<pre>', '</pre>') ? ['</pre>'] : []),
    ...(isOpen('<details>', '</details>') ? ['</details>'] : []),
  ]
    .join('\n')
    .concat(note);
}
