import { expect, it } from '@jest/globals';
import { parsePlanDocument } from '../../src/terraform/plan-document.ts';
import { documentOf, resource } from './plan-documents.ts';

const whole = JSON.stringify(documentOf(resource('aws_lb', {})));

it.each([
  ['a document', whole, true],
  ['one of a root without resources', '{"format_version":"1.2","planned_values":{}}', true],
  ['a cut one', whole.slice(0, -1), false],
  ['nothing', '', false],
  ['a list', '[]', false],
  ['resources that are no list', '{"resource_changes":{}}', false],
  [
    'a resource without a change',
    '{"resource_changes":[{"address":"a.b","mode":"managed","type":"a"}]}',
    false,
  ],
  ['outputs whose actions are no list', '{"output_changes":{"url":{"actions":true}}}', false],
  ['outputs that are no objects', '{"planned_values":{"outputs":{"url":null}}}', false],
])('reads %s, or says that it is none', (_, text, isOne) => {
  expect(parsePlanDocument(text) !== undefined).toBe(isOne);
});
