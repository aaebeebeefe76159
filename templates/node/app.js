// The site: a function from a request to an answer. It opens no port, so tests can put it anywhere.

import http from 'node:http';

const page = (who) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>@NAME@</title>
<style>body { font: 1.2rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>Hello, ${escape(who)}!</h1>
<p>This is <b>@NAME@</b>. Greet somebody else: <a href="/?name=Ada">/?name=Ada</a></p>
`;

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Return text with what HTML would read as markup turned into entities. */
export function escape(text) {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/** Return a server that greets; the caller says where it listens. */
export function createServer() {
  return http.createServer((request, response) => {
    const answer = (status, type, text) => {
      response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8` });
      response.end(text);
    };
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname !== '/') {
      answer(404, 'text/plain', 'There is nothing here.\n');
    } else if (!['GET', 'HEAD'].includes(request.method)) {
      answer(405, 'text/plain', 'This page can only be read.\n');
    } else {
      answer(200, 'text/html', page(url.searchParams.get('name') || 'world'));
    }
  });
}
