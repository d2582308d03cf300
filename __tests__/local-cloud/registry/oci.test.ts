import { describe, expect, it } from '@jest/globals';
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import { LAYER, OCI, digestOf, manifestOf, RegistryClient } from '../helpers/registry-client.ts';

const api = new RegistryClient();

describe('the OCI door', () => {
  it('wants a login, and says which', async () => {
    const answer = await fetch(`${api.cloud.registry}/v2/`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    const wrong = { headers: { authorization: `Basic ${Buffer.from('AWS:wrong').toString('base64')}` } };
    expect((await fetch(`${api.cloud.registry}/v2/`, wrong)).status).toBe(401);
    expect((await api.registry('')).status).toBe(200);
  });

  it('takes a push in chunks and gives it back by tag and by digest', async () => {
    const pushed = await api.pushImage('v1', 'one');
    expect(pushed.status).toBe(201);
    expect(pushed.headers.get('docker-content-digest')).toBe(digestOf(manifestOf('one')));
    for (const reference of ['v1', digestOf(manifestOf('one'))]) {
      const answer = await api.registry(`shop/manifests/${reference}`);
      expect(await answer.text()).toBe(manifestOf('one'));
      expect(answer.headers.get('content-type')).toBe(OCI);
    }
    expect(await (await api.registry(`shop/blobs/${digestOf(LAYER)}`)).text()).toBe(LAYER);
    expect(await (await api.registry('shop/tags/list')).json()).toEqual({ name: 'shop', tags: ['v1'] });
  });

  it('refuses content that is not what its digest says, and keeps nothing of it', async () => {
    const path = `shop/blobs/uploads/?digest=${digestOf('something else')}`;
    const answer = await api.registry(path, { method: 'POST', body: 'this' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'DIGEST_INVALID' }] });
    expect((await api.registry(`shop/blobs/${digestOf('this')}`, { method: 'HEAD' })).status).toBe(404);
  });

  it('refuses a chunk that does not follow', async () => {
    const started = await api.registry('shop/blobs/uploads/', { method: 'POST' });
    const path = (started.headers.get('location') ?? '').slice('/v2/'.length);
    const headers = { 'content-range': '5-9' };
    expect((await api.registry(path, { method: 'PATCH', body: 'abcde', headers })).status).toBe(416);
  });

  it('mounts a layer from another repository, and shows none that is only elsewhere', async () => {
    await api.ecr.send(new CreateRepositoryCommand({ repositoryName: 'other' }));
    await api.pushBlob(LAYER);
    expect((await api.registry(`other/blobs/${digestOf(LAYER)}`, { method: 'HEAD' })).status).toBe(404);
    const mount = `other/blobs/uploads/?mount=${digestOf(LAYER)}&from=shop`;
    expect((await api.registry(mount, { method: 'POST' })).status).toBe(201);
    expect((await api.registry(`other/blobs/${digestOf(LAYER)}`, { method: 'HEAD' })).status).toBe(200);
  });

  it("refuses, in ECR's words, an unknown repository, missing layers and a tag that may not move", async () => {
    const unknown = await api.registry('nope/blobs/uploads/', { method: 'POST' });
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({
      errors: [
        {
          code: 'NAME_UNKNOWN',
          message: expect.stringContaining("repository with name 'nope' does not exist"),
        },
      ],
    });
    const headers = { 'content-type': OCI };
    const hollow = await api.registry('shop/manifests/v0', {
      method: 'PUT',
      headers,
      body: manifestOf('x', 'absent'),
    });
    expect(await hollow.json()).toMatchObject({ errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }] });
    await api.pushImage('v1', 'one');
    expect((await api.pushImage('v1', 'one')).status).toBe(201);
    const moved = await api.pushImage('v1', 'two');
    expect(moved.status).toBe(400);
    expect(await moved.json()).toMatchObject({
      errors: [
        {
          code: 'TAG_INVALID',
          message: expect.stringContaining('cannot be overwritten because the repository is immutable'),
        },
      ],
    });
  });
});
