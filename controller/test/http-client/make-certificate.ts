// Self-signed certificates for tests, as a home's own servers show them.
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** For 127.0.0.1, good for two days, made by the openssl program. PEM, and the SHA-256 fingerprint with colons. */
export const makeCertificate = async (): Promise<{ key: string; cert: string; fingerprint: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-certificate-'));
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const ask = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-subj',
    '/CN=headgate-test',
    '-days',
    '2',
  ];
  await promisify(execFile)('openssl', [...ask, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyPath, '-out', certPath]);
  const cert = await readFile(certPath, 'utf8');
  const key = await readFile(keyPath, 'utf8');
  await rm(folder, { recursive: true });
  return { key, cert, fingerprint: new X509Certificate(cert).fingerprint256 };
};
