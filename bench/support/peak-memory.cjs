/** Loaded with --require into a process that is measured: writes its largest resident size, in MB, to a file at its end. */
const { appendFileSync } = require('node:fs');
const process = require('node:process');

process.on('exit', () => {
  // Kilobytes, on Linux as on macOS (libuv).
  const megabytes = process.resourceUsage().maxRSS / 1024;
  appendFileSync(process.env.BENCH_PEAK_MEMORY, `${megabytes}\n`);
});
