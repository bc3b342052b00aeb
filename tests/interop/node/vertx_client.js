// Vert.x's own client for browsers and node, over SockJS: by a WebSocket, or by the `transport` that is named. With a `port` the one for the TCP
// bridge, which has the same functions.
'use strict';
const { options, event, failed, serve } = require('./lines.js');

const pings = { vertxbus_ping_interval: 500 };
const overTcp = (EventBus) => new EventBus('127.0.0.1', options.port, pings);
const overSockJs = (EventBus) => new EventBus(options.url, { ...pings, transports: options.transport && [options.transport] });
const bus = options.port ? overTcp(require('vertx3-tcp-eventbus-client/lib/tcp-vertx-eventbus.js')) : overSockJs(require('@vertx/eventbus-bridge-client.js'));
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
