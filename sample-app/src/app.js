import express from 'express';
import helmet from 'helmet';
import { createApi } from './api.js';
import { errorHandler, notFound } from './errors.js';
import { healthRoute, liveness, readiness } from './health.js';
import { requestLog } from './log.js';
import { createNotes } from './notes.js';
import { createPage } from './page.js';

/**
 * The whole application as an Express handler.
 *
 * @param {{ config: object, log: import('pino').Logger, database: object, lifecycle: { stopping: boolean } }} dependencies
 */
export function createApp(dependencies) {
  const { config, log, lifecycle } = dependencies;
  const notes = createNotes(dependencies.database);
  const app = express();
  app.use(requestLog(log));
  app.use(securityHeaders());
  app.use((request, response, next) => {
    response.set({ 'X-App-Version': config.version, 'X-Instance': config.instance });
    // Clients that keep connections open move to another instance instead of being cut off later.
    if (lifecycle.stopping) response.set('Connection', 'close');
    next();
  });
  app.get('/healthz', healthRoute(liveness, dependencies));
  app.get('/readyz', healthRoute(readiness, dependencies));
  app.use('/api', createApi({ ...dependencies, notes }));
  app.use('/', createPage({ ...dependencies, notes }));
  app.use(notFound);
  app.use(errorHandler);
  return app;
}

function securityHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Whether the site is HTTPS only is for the load balancer to say, which is where TLS ends.
    strictTransportSecurity: false,
  });
}
