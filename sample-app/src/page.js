import express from 'express';
import { requireDatabase } from './api.js';
import { maximumLength, parseId, parseNote, parsePaging } from './notes.js';

/** The page, made of plain HTML forms: it needs no script, so the security policy can forbid them all. */
export function createPage({ config, database, notes }) {
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '10kb' });
  router.get('/', async (request, response) => {
    const paging = parsePaging(request.query);
    const page = database.configured && database.migrated ? await notes.list(paging) : undefined;
    response.type('html').send(render({ config, page, limit: paging.limit, database }));
  });
  router.post('/notes', form, requireDatabase(database), async (request, response) => {
    await notes.create(parseNote(request.body));
    response.redirect(303, '/');
  });
  router.post('/notes/:id/delete', requireDatabase(database), async (request, response) => {
    await notes.delete(parseId(request.params.id));
    response.redirect(303, '/');
  });
  return router;
}

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(value) {
  return String(value).replace(/[&<>"']/g, (character) => entities[character]);
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}
form{display:inline}input{font:inherit;width:60%}li{margin:.4rem 0}footer,time{color:#666;font-size:.85rem}`;

function render({ config, page, limit, database }) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Notes</title><style>${style}</style></head>
<body>
<h1>Notes</h1>
${page ? renderNotes(page, limit) : `<p>${explainAbsence(database)}</p>`}
<footer>version ${escapeHtml(config.version)}, answered by ${escapeHtml(config.instance)}${
    config.image ? `, image ${escapeHtml(config.image)}` : ''
  }</footer>
</body>
</html>
`;
}

function explainAbsence(database) {
  return database.configured
    ? 'The database is not ready yet. Reload the page in a moment.'
    : 'No database is configured (DATABASE_URL is not set), so there are no notes to show.';
}

function renderNotes({ notes, next }, limit) {
  const items = notes.map(
    (note) => `<li>${escapeHtml(note.text)} <time>${note.createdAt.toISOString()}</time>
<form method="post" action="/notes/${note.id}/delete"><button>Delete</button></form></li>`,
  );
  return `<form method="post" action="/notes"><input name="text" maxlength="${maximumLength}" required autofocus> <button>Add</button></form>
<ul>
${items.join('\n') || '<li>None yet.</li>'}
</ul>
${next ? `<p><a href="/?limit=${limit}&amp;before=${next}">Older</a></p>` : ''}`;
}
