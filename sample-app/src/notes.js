import { HttpError } from './errors.js';

export const maximumLength = 500;
const maximumLimit = 100;
const maximumId = 2_147_483_647;

/** The statements behind the page and the API. Values travel beside the SQL, never in it. */
export function createNotes(database) {
  const columns = 'id, text, created_at AS "createdAt"';
  return {
    /** Newest first. Paging by id, not by offset: a page stays right while others write. */
    async list({ limit, before }) {
      const { rows } = await database.query(
        `SELECT ${columns} FROM notes WHERE $1::integer IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
        [before ?? null, limit + 1],
      );
      const notes = rows.slice(0, limit);
      return { notes, next: rows.length > limit ? notes.at(-1).id : null };
    },
    async find(id) {
      const { rows } = await database.query(`SELECT ${columns} FROM notes WHERE id = $1`, [id]);
      return rows[0];
    },
    async create(text) {
      const { rows } = await database.query(`INSERT INTO notes (text) VALUES ($1) RETURNING ${columns}`, [
        text,
      ]);
      return rows[0];
    },
    async delete(id) {
      const { rowCount } = await database.query('DELETE FROM notes WHERE id = $1', [id]);
      return rowCount === 1;
    },
  };
}

/** @returns {string} the text without surrounding space, 1 to 500 characters */
export function parseNote(body) {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HttpError(400, 'invalid-body', 'the body must be a JSON object such as {"text": "Buy milk"}');
  }
  const unknown = Object.keys(body).find((key) => key !== 'text');
  if (unknown !== undefined)
    throw invalid(unknown, `"${unknown.slice(0, 40)}" is not a field of a note; only "text" is`);
  if (typeof body.text !== 'string') throw invalid('text', '"text" must be a string');
  const text = body.text.trim();
  if (text === '') throw invalid('text', '"text" must not be empty');
  if ([...text].length > maximumLength)
    throw invalid('text', `"text" must have at most ${maximumLength} characters`);
  // PostgreSQL can't store it in text.
  if (text.includes('\0')) throw invalid('text', '"text" must not contain the NUL character');
  return text;
}

export function parsePaging(query) {
  return {
    limit: wholeNumber(query, 'limit', maximumLimit) ?? 20,
    before: wholeNumber(query, 'before', maximumId),
  };
}

export function parseId(text) {
  const id = wholeNumber({ id: text }, 'id', maximumId);
  return id;
}

function wholeNumber(values, name, maximum) {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = typeof text === 'string' && /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (number >= 1 && number <= maximum) return number;
  throw invalid(name, `"${name}" must be a whole number from 1 to ${maximum}`);
}

function invalid(field, message) {
  return new HttpError(400, 'invalid-value', message, { field });
}
