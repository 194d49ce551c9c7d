// Gates over plain text: no host of a package registry, and nothing that looks like a secret.
import type { Gate } from './gate.ts';
import type { Tree } from './tree.ts';

type TextRule = { readonly pattern: RegExp; readonly what: string; readonly allowedIn?: RegExp };

// A clone must install from whatever registry and mirror its machine is set to.
const REGISTRIES: readonly TextRule[] = [
  { pattern: /registry\.(?:npmjs|yarnpkg|npmmirror)\.\w+/i, what: 'host of an npm registry' },
  { pattern: /\b(?:deb|security|ftp|snapshot)\.debian\.org|\bdebian\.map\.fastly/i, what: 'host of a Debian mirror' },
  { pattern: /"resolved": "https?:/, what: 'a package is tied to one registry (.npmrc: omit-lockfile-registry-resolved)' },
];

const SECRETS: readonly TextRule[] = [
  // A test's server on loopback needs a certificate, and Node cannot make one.
  { pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, what: 'a private key', allowedIn: /(^|\/)test\/fixtures\// },
  { pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, what: 'an AWS access key' },
  { pattern: /\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{50}/, what: 'a GitHub token' },
  { pattern: /\bnpm_[A-Za-z0-9]{36}\b|:_auth[T]oken=/, what: 'an npm token' },
  { pattern: /\bxox[abpr]-[0-9A-Za-z-]{20}/, what: 'a Slack token' },
];

export const registries: Gate = { name: 'registries', look: async (tree) => search(tree, REGISTRIES) };
export const secrets: Gate = { name: 'secrets', look: async (tree) => search(tree, SECRETS) };

function search(tree: Tree, rules: readonly TextRule[]) {
  const faults: string[] = [];
  let read = 0;
  for (const path of tree.files) {
    const text = tree.read(path);
    read++;
    for (const { pattern, what, allowedIn } of rules) {
      const at = allowedIn?.test(path) ? -1 : text.search(pattern);
      if (at !== -1) faults.push(`${path}:${text.slice(0, at).split('\n').length}: ${what}`);
    }
  }
  return { read, expected: tree.files.length, faults };
}
