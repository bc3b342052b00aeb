// An OpenID provider (oidc-provider, certified) on loopback, with what a test does to one: rotate its keys, stop it, start it again,
// count what it is asked, and sign tokens that it would not give out.
'use strict';
const crypto = require('crypto');
const http = require('http');
const path = require('path');
const { pathToFileURL } = require('url');
const { options, event, failed, serve } = require('./lines.js');

const issuer = `http://127.0.0.1:${options.port}`;
const counts = {};
let generation = 0;
let keys = [];
let handler;
let server;

function addKey() {
    generation += 1;
    const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = { ...pair.privateKey.export({ format: 'jwk' }), kid: `key-${generation}`, use: 'sig', alg: 'RS256' };
    keys = [{ jwk, pair }, ...keys];
}

// Tokens live longer than one set of keys, so all providers of this process share one memory.
const stored = new Map();
class Memory {
    constructor(kind) { this.kind = kind; }
    key(id) { return `${this.kind}:${id}`; }
    async upsert(id, payload) { stored.set(this.key(id), payload); }
    async find(id) { return stored.get(this.key(id)); }
    async findByUid() { return undefined; }
    async findByUserCode() { return undefined; }
    async consume() {}
    async destroy(id) { stored.delete(this.key(id)); }
    async revokeByGrantId() {}
}

const client = (id) => ({
    client_id: id,
    client_secret: `${id}-secret`,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: 'mqtt',
});

async function build() {
    const { default: Provider } = await import(pathToFileURL(path.join(process.env.NODE_PATH, 'oidc-provider', 'lib', 'index.js')));
    const provider = new Provider(issuer, {
        adapter: Memory,
        jwks: { keys: keys.map((key) => key.jwk) },
        cookies: { keys: ['test'] },
        clients: [client('device'), client('other'), client('gateway')],
        scopes: ['mqtt'],
        features: {
            devInteractions: { enabled: false },
            clientCredentials: { enabled: true },
            introspection: { enabled: true, allowedPolicy: (ctx, asking) => asking.clientId === 'gateway' },
            revocation: { enabled: true },
            resourceIndicators: {
                enabled: true,
                getResourceServerInfo: (ctx, resource) => ({
                    scope: 'mqtt',
                    audience: resource === 'urn:elsewhere' ? 'elsewhere' : 'junctor',
                    accessTokenTTL: options.ttl || 600,
                    accessTokenFormat: resource === 'urn:opaque' ? 'opaque' : 'jwt',
                    jwt: { sign: { alg: 'RS256' } },
                }),
            },
        },
        extraTokenClaims: () => ({ groups: ['devices', 'europe'] }),
        ttl: { ClientCredentials: options.ttl || 600 },
    });
    provider.on('server_error', (ctx, error) => event('provider_error', { message: String(error) }));
    handler = provider.callback();
}

function listen() {
    server = http.createServer((request, response) => {
        const where = request.url.split('?')[0];
        counts[where] = (counts[where] || 0) + 1;
        handler(request, response);
    });
    server.listen(options.port, '127.0.0.1', () => event('listening', { issuer }));
    server.on('error', failed);
}

function encode(value) { return Buffer.from(value).toString('base64url'); }

function sign({ header, payload, key = 'current' }) {
    const input = `${encode(header)}.${encode(payload)}`;
    const by = key === 'stranger' ? crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }) : keys[0].pair;
    return `${input}.${crypto.sign('sha256', Buffer.from(input), by.privateKey).toString('base64url')}`;
}

serve({
    rotate: async ({ keep = true }) => {
        const before = keys;
        addKey();
        if (!keep) keys = keys.slice(0, keys.length - before.length);
        await build();
        event('rotated', { kid: keys[0].jwk.kid });
    },
    stop: () => {
        server.close(() => event('stopped'));
        server.closeAllConnections();
    },
    start: listen,
    count: () => event('counted', { counts }),
    sign: (wanted) => event('signed', { token: sign(wanted) }),
    key: () => event('key', { pem: keys[0].pair.publicKey.export({ type: 'spki', format: 'pem' }), kid: keys[0].jwk.kid }),
});

addKey();
build().then(listen, failed);
