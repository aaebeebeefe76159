import { createServer } from './app.js';

const server = createServer();
// all addresses: a forwarded port does not arrive on the box's loopback
server.listen(Number(process.env.PORT || 8080), '0.0.0.0', () => {
  console.log(`listening on port ${server.address().port}`);
});
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
