/** What the runner knows of the job: commit, repository, links. */
export interface GithubContext {
  /** The commit being deployed, 40 hex digits, or '' outside a repository. */
  sha: string;
  repository: string;
  runId: string;
  runUrl: string;
  /** Where the repository is shown; '' outside of one. */
  repositoryUrl: string;
  actor: string;
  workspace: string;
}
