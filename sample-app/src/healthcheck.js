// What the image's HEALTHCHECK runs: exit 0 when this container answers /healthz with 200.
const url = `http://127.0.0.1:${process.env.PORT || 3000}/healthz`;
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
  console.log(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.error(`${url} does not answer: ${error.cause?.code ?? error.message}`);
  process.exitCode = 1;
}
