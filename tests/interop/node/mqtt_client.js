// mqtt.js, over TCP, TLS, WebSocket or secure WebSocket: the URL says which.
'use strict';
const mqtt = require('mqtt');
const { options, event, failed, serve } = require('./lines.js');

const client = mqtt.connect(options.url, {
    protocolVersion: options.version || 5,
    clientId: options.client_id || 'mqtt-js-' + process.pid,
    reconnectPeriod: 0,
    ...(options.will ? { will: { ...options.will, payload: Buffer.from(options.will.payload) } } : {}),
});
client.on('connect', (packet) => event('connected', { session_present: packet.sessionPresent, properties: packet.properties }));
client.on('disconnect', (packet) => event('disconnected', { reason: packet.reasonCode }));
client.on('close', () => event('closed'));
client.on('error', failed);
client.on('message', (topic, payload, packet) => {
    const properties = packet.properties || {};
    const correlation = properties.correlationData;
    event('message', {
        topic,
        payload: payload.toString('base64'),
        qos: packet.qos,
        retain: packet.retain,
        properties: { ...properties, correlationData: correlation && correlation.toString('base64') },
    });
});

serve({
    subscribe: ({ filter, qos }) =>
        client.subscribe(filter, { qos: qos || 0 }, (error, granted) => (error ? failed(error) : event('subscribed', { granted }))),
    unsubscribe: ({ filter }) => client.unsubscribe(filter, (error) => (error ? failed(error) : event('unsubscribed'))),
    publish: ({ topic, payload, qos, retain, properties }) => {
        if (properties && properties.correlationData) properties.correlationData = Buffer.from(properties.correlationData, 'base64');
        client.publish(topic, Buffer.from(payload, 'base64'), { qos, retain, properties }, (error, packet) =>
            error ? failed(error) : event('published', { reason: packet && packet.reasonCode }));
    },
});
