import { execFile } from 'node:child_process';

/** The `exec` part of a kubeconfig user: the fields we use. */
export interface ExecConfig {
  apiVersion?: string;
  command: string;
  args?: string[] | null;
  env?: { name: string; value: string }[] | null;
  provideClusterInfo?: boolean;
}

/** What the plugin may know of the cluster. */
export interface ExecCluster {
  server: string;
  'tls-server-name'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'certificate-authority-data'?: string;
  'proxy-url'?: string;
}

/** What a plugin gave. */
export interface ExecCredential {
  token?: string;
  cert?: string;
  key?: string;
  expiresAt?: Date;
}

const longestAnswer = 1_000_000;

/**
 * Asks a credential plugin, without a terminal. Rejects when it is missing, ends with an error, answers nonsense, or when the
 * signal aborts: it is killed then. Its output is never part of an error, since it may hold the token; its complaints are.
 */
export async function askExecPlugin(exec: ExecConfig, cluster: ExecCluster, signal: AbortSignal): Promise<ExecCredential> {
  const info = {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec.provideClusterInfo && { cluster }) },
  };
  // The secrets of devices stand in variables of ours: they are nothing to a program that fetches a token.
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PLUMB_'));
  const env = Object.fromEntries([...own, ...(exec.env ?? []).map(({ name, value }) => [name, value] as const)]);
  const { stdout } = await run(exec, { ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) }, signal);
  return parseExecCredential(stdout, exec.command);
}

async function run(exec: ExecConfig, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<{ stdout: string }> {
  return await new Promise((resolve, reject) => {
    const child = execFile(
      exec.command,
      exec.args ?? [],
      { env, maxBuffer: longestAnswer, encoding: 'utf8', signal, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (!error) return resolve({ stdout });
        const why = stderr.trim().split('\n').slice(-3).join(' ') || error.message;
        reject(new Error(`credential plugin ${exec.command}: ${why.slice(0, 500)}`));
      },
    );
    child.stdin?.on('error', () => undefined); // it may end before it reads
    child.stdin?.end();
  });
}

function parseExecCredential(text: string, command: string): ExecCredential {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(`credential plugin ${command}: the answer is not JSON`);
  }
  const status = typeof answer === 'object' && answer !== null && 'status' in answer ? answer.status : undefined;
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = (status ?? {}) as Record<string, unknown>;
  const found: ExecCredential = {};
  if (typeof token === 'string' && token !== '') found.token = token;
  if (typeof clientCertificateData === 'string' && typeof clientKeyData === 'string') {
    found.cert = clientCertificateData;
    found.key = clientKeyData;
  }
  if (found.token === undefined && found.cert === undefined) {
    throw new Error(`credential plugin ${command}: the answer holds neither a token nor a client certificate with its key`);
  }
  const expires = typeof expirationTimestamp === 'string' ? new Date(expirationTimestamp) : undefined;
  if (expires && !Number.isNaN(expires.getTime())) found.expiresAt = expires;
  return found;
}
