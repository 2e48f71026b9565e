import { describe, expect, it } from 'vitest';
import type { KubeClient } from '../kube/index.ts';
import { isAbout, readPodLogs } from './log-lines.ts';

it.each<{ line: string; about: boolean }>([
  { line: '{"device":"r1","msg":"Device released"}', about: true },
  { line: '{"controller":"device","object":"r1","msg":"Could not reconcile"}', about: true },
  { line: '{"plan":"plan-1","devices":["r0","r1"],"state":"Armed","msg":"armed"}', about: true },
  { line: '{"devices":["r10"],"msg":"Change ended"}', about: false },
  { line: '{"device":"r0","msg":"says \\"r1\\""}', about: false },
  { line: '{"device":"r0","from":"r1","msg":"Device renamed"}', about: false },
  { line: 'Warning: "r1" is no JSON', about: false },
  { line: '"r1"', about: false },
])('$line is about r1: $about', ({ line, about }) => expect(isAbout(line, 'r1')).toBe(about));

describe('the log of a Deployment', () => {
  const asked: string[] = [];
  const cluster = (logs: Readonly<Record<string, string | Error>>) => {
    asked.length = 0;
    const client = {
      list: async () => ({ items: Object.keys(logs).map((name) => ({ metadata: { name } })) }),
      request: async ({ path }: { path: string }) => {
        asked.push(path);
        const said = logs[/pods\/([^/]+)\/log/.exec(path)?.[1] ?? ''];
        if (typeof said !== 'string') throw said ?? new Error('no such pod');
        return said;
      },
    };
    return { client: client as unknown as KubeClient, namespace: 'net' };
  };
  const line = (second: number) => `{"level":"info","time":"2026-11-22T06:00:0${second}.000Z","msg":"x"}`;

  it('is that of all its pods, in the order of time', async () => {
    const { lines } = await readPodLogs(cluster({ a: `${line(1)}\n${line(3)}\n`, b: `${line(2)}\n` }), 10);
    expect(lines).toEqual([line(1), line(2), line(3)]);
    expect(asked).toEqual(['/api/v1/namespaces/net/pods/a/log?tailLines=10', '/api/v1/namespaces/net/pods/b/log?tailLines=10']);
  });

  it('is read whole when some of it is looked for', async () => {
    await readPodLogs(cluster({ a: line(1) }), undefined);
    expect(asked).toEqual(['/api/v1/namespaces/net/pods/a/log']);
  });

  it('is told without a pod that gives none, and why', async () => {
    const waiting = new Error('container "operator" in pod "b" is waiting to start');
    expect(await readPodLogs(cluster({ a: line(1), b: waiting }), 10)).toEqual({
      lines: [line(1)],
      silent: [`Pod b gives no log: ${waiting.message}`],
    });
    await expect(readPodLogs(cluster({ b: waiting }), 10)).rejects.toBe(waiting);
    expect(await readPodLogs(cluster({}), 10)).toEqual({ lines: [], silent: [] });
  });
});
