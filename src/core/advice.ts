/** What to do about a full disk of the runner, whoever met it. */
export const freeDisk =
  'free some of it (docker system prune), or take a runner with more, and run this job again: it goes on from there';
