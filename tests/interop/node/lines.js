// JSON lines: events out, commands in. The program ends with its input.
'use strict';
const readline = require('readline');

const options = JSON.parse(process.argv[2]);
const event = (name, fields) => process.stdout.write(JSON.stringify({ event: name, ...fields }) + '\n');
const failed = (error) => event('failed', { reason: String((error && (error.message || error.reason)) || error), code: error && error.code });

/** handlers: by `do`. ended: called when the input ends, before the process leaves. */
function serve(handlers, ended) {
    const input = readline.createInterface({ input: process.stdin });
    input.on('line', (line) => {
        const command = JSON.parse(line);
        handlers[command.do](command);
    });
    input.on('close', () => {
        if (ended) ended();
        process.exit(0);
    });
}

module.exports = { options, event, failed, serve };
