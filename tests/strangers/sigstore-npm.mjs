// What the npm verifier of Sigstore says of bundles: one line per case of standard input, in its order.
//   node sigstore-npm.mjs FOLDER KEY TRUSTED_ROOT < cases
// FOLDER has the node_modules. A case is `BUNDLE ARTIFACT`, two paths; its answer is `verified` or `refused: CODE`.

import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [folder, keyPath, rootPath] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { bundleFromJSON } = require('@sigstore/bundle');
const { TrustedRoot } = require('@sigstore/protobuf-specs');
const { toSignedEntity, toTrustMaterial, Verifier } = require('@sigstore/verify');

const publicKey = createPublicKey(readFileSync(keyPath));
const root = TrustedRoot.fromJSON(JSON.parse(readFileSync(rootPath, 'utf8')));
const trust = toTrustMaterial(root, () => ({ publicKey, validFor: () => true }));
const verifier = new Verifier(trust, { tlogThreshold: 1, ctlogThreshold: 0, tsaThreshold: 0, timestampThreshold: 0 });

function judge(line) {
  const [bundle, artifact] = line.split(' ');
  try {
    verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(readFileSync(bundle, 'utf8'))), readFileSync(artifact)));
    return 'verified';
  } catch (error) {
    return `refused: ${error.code ?? error.name}`;
  }
}

const cases = readFileSync(0, 'utf8').split('\n').filter((line) => line !== '');
console.log(cases.map(judge).join('\n'));
