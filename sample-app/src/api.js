import express from 'express';
import { HttpError } from './errors.js';
import { parseId, parseNote, parsePaging } from './notes.js';

/** /api/notes: JSON in, JSON out. */
export function createApi({ database, notes }) {
  const router = express.Router();
  router.use(express.json({ limit: '10kb' }));
  router.use(requireDatabase(database));
  router
    .route('/notes')
    .get(async (request, response) => {
      const paging = parsePaging(request.query);
      const { notes: page, next } = await notes.list(paging);
      response.json({ notes: page, next: next && `/api/notes?limit=${paging.limit}&before=${next}` });
    })
    .post(async (request, response) => {
      if (!request.is('application/json')) {
        throw new HttpError(415, 'unsupported-type', 'send the note as Content-Type: application/json');
      }
      const note = await notes.create(parseNote(request.body));
      response.status(201).location(`/api/notes/${note.id}`).json(note);
    })
    .all(onlyMethods('GET, HEAD, POST'));
  router
    .route('/notes/:id')
    .get(async (request, response) => {
      const id = parseId(request.params.id);
      const note = await notes.find(id);
      if (!note) throw noSuchNote(id);
      response.json(note);
    })
    .delete(async (request, response) => {
      const id = parseId(request.params.id);
      if (!(await notes.delete(id))) throw noSuchNote(id);
      response.status(204).end();
    })
    .all(onlyMethods('GET, HEAD, DELETE'));
  return router;
}

/** Refuses, with the reason, what can't be done without a database. */
export function requireDatabase(database) {
  return (request, response, next) => {
    if (!database.configured) {
      throw new HttpError(503, 'no-database', 'this instance has no database: DATABASE_URL is not set');
    }
    if (!database.migrated) {
      throw new HttpError(503, 'starting', 'the database is not ready yet', {
        headers: { 'Retry-After': '2' },
      });
    }
    next();
  };
}

function onlyMethods(allowed) {
  return (request) => {
    throw new HttpError(405, 'method-not-allowed', `${request.method} is not possible here`, {
      headers: { Allow: allowed },
    });
  };
}

function noSuchNote(id) {
  return new HttpError(404, 'not-found', `there is no note ${id}`);
}
