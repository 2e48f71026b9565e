import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { commit, type Desk, editAt, git, openDesk, writeAt } from './desk.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/pull-requests.md'), 'utf8');

/** A recipe of the page, as whoever copies it has it. */
function recipe(name: string): unknown {
  const [, text] = new RegExp(`^\`\`\`yaml ${name}\\n([^]*?)^\`\`\`$`, 'm').exec(page) ?? [];
  if (text === undefined) throw new Error(`the page has no recipe ${name}`);
  return parse(text);
}

let desk: Desk;
let tools: string;
let main: string;

beforeAll(async () => {
  desk = await openDesk();
  tools = join(desk.folder, 'tools');
  mkdirSync(tools);
  main = (await git(desk, 'rev-parse', 'main')).trim();
  await git(desk, 'checkout', '-q', '-b', 'change');
  editAt(desk, 'policies/customer.yaml', 'localPreference: 200', 'localPreference: 210');
  writeAt(
    desk,
    'tests/routes.yaml',
    'apiVersion: plumbline.dev/v1alpha1\nkind: RouteTest\nmetadata: {name: own-space}\nspec:\n  prefixes: [198.51.100.0/24]\n  announcedTo: [{neighbor: transit-a}]\n',
  );
  await commit(desk, 'Prefer the customer more');
}, 60_000);
afterAll(() => rmSync(desk.folder, { recursive: true, force: true }));

interface Ran {
  code: number;
  said: string;
}

/** A step as a runner starts it: in the repository, with what its page says of the environment, and nothing of ours. */
function run(script: string, environment: Record<string, string>): Promise<Ran> {
  const path = `${tools}:${join(root, 'bin')}:${process.env['PATH']}`;
  const env = { PATH: path, HOME: desk.folder, NO_COLOR: '1', ...environment };
  return new Promise((resolve) => {
    execFile('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { cwd: desk.repository, env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, said: stdout + stderr }),
    );
  });
}

const inRepository = (file: string): string => join(desk.repository, file);

/** `gh`, as far as the workflow speaks to it: one comment, kept in a file. */
const fakeGh = `#!/bin/sh
echo "$*" >> "$GH_LOG"
case "$*" in
  *--jq*) test ! -e "$GH_LOG.body" || echo 4711 ;;
  *) for each; do case "$each" in body=@*) cp "\${each#body=@}" "$GH_LOG.body" ;; esac; done ;;
esac
`;

test('the GitHub workflow plans, comments once, keeps the comment up to date, and fails with a mistake', { timeout: 240_000 }, async () => {
  const { jobs } = recipe('github') as { jobs: { plan: { steps: { name?: string; run?: string }[] } } };
  const step = (name: string): string => jobs.plan.steps.find((each) => each.name === name)?.run ?? '';
  writeFileSync(join(tools, 'gh'), fakeGh);
  chmodSync(join(tools, 'gh'), 0o755);
  const log = join(desk.folder, 'gh.log');
  const environment = {
    BASE: 'main',
    DETAILS: 'https://git.example.net/runs/1',
    GITHUB_STEP_SUMMARY: join(desk.folder, 'summary.md'),
    GH_LOG: log,
    REPOSITORY: 'net/desired-state',
    NUMBER: '12',
  };
  expect(await run(step('Check and plan'), environment)).toMatchObject({ code: 0 });
  expect(readFileSync(environment.GITHUB_STEP_SUMMARY, 'utf8')).toContain('1 RouteTest: all hold.');
  expect(JSON.parse(readFileSync(inRepository('plan.json'), 'utf8'))).toMatchObject({ plan: { sets: [['edge1-lon']] } });
  for (const _ of ['made', 'updated']) expect(await run(step('Comment'), environment)).toMatchObject({ code: 0 });
  expect(readFileSync(`${log}.body`, 'utf8')).toMatch(/^<!-- plumbline -->\n\*\*Plumbline:\*\* 1 device, /);
  const asked = readFileSync(log, 'utf8').split('\n');
  expect(asked.filter((line) => line.startsWith('api repos/net/desired-state/issues/12/comments --field'))).toHaveLength(1);
  expect(asked.filter((line) => line.startsWith('api --method PATCH repos/net/desired-state/issues/comments/4711 '))).toHaveLength(1);

  editAt(desk, 'policies/transit.yaml', 'communitySet: from-us', 'communitySet: from-customers');
  const failed = await run(step('Check and plan'), environment);
  expect(failed.code).not.toBe(0);
  expect(failed.said).toContain('RouteTestFailed');
  expect(readFileSync(inRepository('plan.md'), 'utf8')).toContain('**withdrawn** | 198.51.100.0/24');
  editAt(desk, 'policies/transit.yaml', 'kind: RoutePolicy', 'kind: RoutePolciy');
  const broken = await run(step('Check and plan'), environment);
  expect(broken.code).not.toBe(0);
  expect(readFileSync(inRepository('plan.md'), 'utf8')).toBe('');
  await git(desk, 'checkout', '-q', '.');
});

test('the GitLab job plans, comments once, and keeps the note up to date', { timeout: 240_000 }, async () => {
  const { plumbline } = recipe('gitlab') as { plumbline: { script: [string] } };
  const notes: { id: number; body: string }[] = [];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${request.headers['private-token']}`);
      const body = new URLSearchParams(text).get('body') ?? '';
      if (request.method === 'POST') notes.push({ id: 7, body });
      const [first] = notes;
      if (request.method === 'PUT' && first) first.body = body;
      response.end(JSON.stringify(notes));
    });
  });
  const base = await listen(server);
  const environment = {
    CI_MERGE_REQUEST_DIFF_BASE_SHA: main,
    CI_JOB_URL: 'https://git.example.net/jobs/1',
    CI_API_V4_URL: base,
    CI_PROJECT_ID: '3',
    CI_MERGE_REQUEST_IID: '5',
    PLUMBLINE_TOKEN: 'of-the-project',
  };
  try {
    for (const _ of ['made', 'updated']) expect(await run(plumbline.script[0], environment)).toMatchObject({ code: 0 });
    expect(await run(plumbline.script[0], { ...environment, PLUMBLINE_TOKEN: '' })).toMatchObject({ code: 0 });
  } finally {
    server.close();
  }
  expect(notes).toEqual([{ id: 7, body: expect.stringMatching(/^<!-- plumbline -->\n\*\*Plumbline:\*\* 1 device, /) }]);
  expect(asked).toEqual([
    'GET /projects/3/merge_requests/5/notes?sort=asc&per_page=100 of-the-project',
    'POST /projects/3/merge_requests/5/notes of-the-project',
    'GET /projects/3/merge_requests/5/notes?sort=asc&per_page=100 of-the-project',
    'PUT /projects/3/merge_requests/5/notes/7 of-the-project',
  ]);
  expect(existsSync(inRepository('.curl'))).toBe(false);
});

test('the hooks stop a commit with a mistake, and never one that only changes something', { timeout: 120_000 }, async () => {
  const hooks = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8')) as { id: string; entry: string; files: string }[];
  const entryOf = (id: string): string => hooks.find((hook) => hook.id === id)?.entry ?? '';
  for (const { files } of hooks) expect('policies/transit.yaml').toMatch(new RegExp(files));
  expect(await run(entryOf('plumb-check'), {})).toMatchObject({ code: 0 });
  editAt(desk, 'policies/customer.yaml', 'localPreference: 210', 'localPreference: 220');
  expect(await run(entryOf('plumb-plan'), {})).toMatchObject({ code: 0, said: expect.stringContaining('set local-preference 220') });
  editAt(desk, 'policies/customer.yaml', 'kind: RoutePolicy', 'kind: RoutePolciy');
  expect((await run(entryOf('plumb-check'), {})).code).toBe(1);
  await git(desk, 'checkout', '-q', '.');
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
