// The `ws` package, speaking whatever text the test hands over.
'use strict';
const WebSocket = require('ws');
const { options, event, failed, serve } = require('./lines.js');

const socket = new WebSocket(options.url, options.protocols || [], { headers: options.headers });
socket.on('upgrade', (response) => event('upgraded', { headers: response.headers }));
socket.on('open', () => event('open', { extensions: socket.extensions, protocol: socket.protocol }));
socket.on('message', (data, binary) => event('frame', binary ? { base64: data.toString('base64') } : { text: data.toString() }));
socket.on('pong', () => event('pong'));
socket.on('close', (code, reason) => event('closed', { code, reason: reason.toString() }));
socket.on('unexpected-response', (_, response) => event('refused', { status: response.statusCode }));
socket.on('error', failed);

serve({
    send: ({ text }) => socket.send(text),
    send_binary: ({ base64 }) => socket.send(Buffer.from(base64, 'base64')),
    ping: () => socket.ping(),
    close: () => socket.close(),
});
