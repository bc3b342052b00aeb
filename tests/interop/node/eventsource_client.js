// The `eventsource` package: the EventSource of browsers.
'use strict';
const { EventSource } = require('eventsource');
const { options, event, failed, serve } = require('./lines.js');

const source = new EventSource(options.url);
source.onopen = () => event('open');
source.onerror = failed;
source.onmessage = (message) => event('message', { data: message.data, id: message.lastEventId });

serve({ close: () => source.close() });
