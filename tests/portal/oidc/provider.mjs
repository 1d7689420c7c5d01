// An issuer of OpenID Connect for oidc_test.py: node provider.mjs CERTIFICATE KEY REDIRECT_URI [in-id-token]
// Prints one line of JSON with its port, and ends when its standard input does. With the last word it puts
// addresses into the ID token, else they are to be had at its UserInfo endpoint only.

import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const [certificate, key, redirectUri, addressesIn] = process.argv.slice(2);

const people = {
  anna: { email: 'anna@stadt.example', email_verified: true },
  neu: { email: 'neu@stadt.example', email_verified: false },
  gast: { email: 'gast@firma.example', email_verified: true },
  ohne: {},
};

const jwk = (kid, type, options) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid, use: 'sig' });

const client = (algorithm) => ({
  client_id: `siegel-${algorithm}`,
  client_secret: 'drei Worte: a+b%',
  redirect_uris: [redirectUri],
  id_token_signed_response_alg: algorithm,
});

const configuration = {
  clients: ['RS256', 'PS256', 'ES256'].map(client),
  jwks: { keys: [jwk('rsa', 'rsa', { modulusLength: 2048 }), jwk('ec', 'ec', { namedCurve: 'P-256' })] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: addressesIn !== 'in-id-token',
  pkce: { required: () => true, methods: ['S256'] },
  findAccount: (_, sub) => people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
};

const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  server.on('request', new Provider(`https://localhost:${port}`, configuration).callback());
  console.log(JSON.stringify({ port }));
});

process.stdin.resume();
process.stdin.on('end', () => process.exit());
