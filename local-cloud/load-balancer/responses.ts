/** What an Application Load Balancer answers by itself. */
import type { ServerResponse } from 'node:http';

const PHRASES: Record<number, string> = {
  400: 'Bad Request',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** The small HTML page that a load balancer sends with an error of its own. */
export function errorPage(status: number): string {
  const title = `${status} ${PHRASES[status] ?? 'Error'}`;
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
}

/** Answers with the load balancer's own error, or cuts the connection when an answer has begun. */
export function sendError(response: ServerResponse, status: number): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = errorPage(status);
  response.writeHead(status, PHRASES[status], {
    server: 'awselb/2.0',
    'content-type': 'text/html',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
