const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborted by the first Ctrl-C (or SIGTERM, or a closed terminal); later ones can't hurry the taking down. */
export function interruptible(): AbortSignal {
  const controller = new AbortController();
  for (const name of signals) {
    process.on(name, () => {
      if (!controller.signal.aborted) console.error(`\n${name}: taking everything down …`);
      controller.abort(new Error(`interrupted by ${name}`));
    });
  }
  return controller.signal;
}
