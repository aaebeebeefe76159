// The page as a browser gets it, from a server on a port of its own. Run with `make test`.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createServer, escape } from '../app.js';

describe('the page', () => {
  const server = createServer();
  const get = (path, options) => fetch(`http://127.0.0.1:${server.address().port}${path}`, options);

  before(() => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)));
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  it('says hello', async () => {
    const answer = await get('/');
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /Hello, world!/);
  });

  it('greets by name', async () => {
    assert.match(await (await get('/?name=Zo%C3%AB')).text(), /Hello, Zoë!/);
  });

  it('takes a name as text and never as markup', async () => {
    const text = await (await get('/?name=<script>alert(1)</script>')).text();
    assert.ok(!text.includes('<script>'));
    assert.ok(text.includes('&lt;script&gt;'));
  });

  it('is the only one there', async () => {
    assert.equal((await get('/nothing')).status, 404);
  });

  it('can only be read', async () => {
    assert.equal((await get('/', { method: 'POST' })).status, 405);
  });
});

describe('escape', () => {
  it('leaves nothing that HTML reads as markup', () => {
    assert.equal(escape(`<a b='c' d="e">&`), '&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;');
  });
});
