// Vert.x's own client for browsers and node, over SockJS: by a WebSocket, or by the `transport` that is named.
'use strict';
const EventBus = require('@vertx/eventbus-bridge-client.js');
const { options, event, failed, serve } = require('./lines.js');

const transports = options.transport && [options.transport];
const bus = new EventBus(options.url, { vertxbus_ping_interval: 500, transports });
bus.onopen = () => event('open');
bus.onclose = () => event('closed');
bus.onerror = (error) => event('error', { body: error && error.body });
process.on('uncaughtException', failed);

/** Every message of one handler; it answers with `answer` where that is given. */
const handle = ({ address, answer }) => (error, message) => {
    event('message', { address, error, body: message && message.body, headers: message && message.headers, asks: Boolean(message && message.reply) });
    if (message && message.reply && answer !== undefined) message.reply(answer, { from: 'node' });
};
const handlers = {};

serve({
    register: (command) => bus.registerHandler(command.address, (handlers[command.address] = handle(command))),
    unregister: ({ address }) => bus.unregisterHandler(address, handlers[address]),
    publish: ({ address, body, headers }) => bus.publish(address, body, headers || {}),
    send: ({ address, body, headers }) => bus.send(address, body, headers || {}),
    request: ({ address, body, headers }) => bus.send(address, body, headers || {}, (error, reply) =>
        event('answer', { error, body: reply && reply.body, headers: reply && reply.headers })),
    close: () => bus.close(),
});
