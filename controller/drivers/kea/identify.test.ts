import { describe, expect, test } from 'vitest';
import type { KeaTarget } from '../contract.ts';
import { checkIdentity, isIdentified, isSameRun, readStatus, type Status } from './identify.ts';

const status = (changes: Partial<Status> = {}): Status => ({
  pid: 7,
  upSeconds: 100,
  reloadSeconds: 50,
  sockets: 'ready',
  faults: [],
  pairs: [],
  ...changes,
});
const answer = (told: object) => ({ result: 0, text: '', arguments: told as never });

describe('the status of a daemon', () => {
  test('is read with its sockets, their faults, and the pair it is one of', () => {
    const pair = { 'ha-mode': 'hot-standby', 'ha-servers': { local: { state: 'hot-standby' }, remote: { 'last-state': 'unavailable' } } };
    const told = { pid: 7, uptime: 100, reload: 50, sockets: { status: 'retrying', errors: ['no srv'] }, 'high-availability': [pair] };
    expect(readStatus(answer(told))).toEqual(
      status({
        sockets: 'retrying',
        faults: ['no srv'],
        pairs: [{ mode: 'hot-standby', local: 'hot-standby', remote: 'unavailable', serves: true }],
      }),
    );
  });

  test('is none without a process, and one that says nothing of sockets is not called ready', () => {
    expect(readStatus(answer({ uptime: 1 }))).toBeUndefined();
    expect(readStatus({ ...answer({ pid: 7, uptime: 1 }), result: 1 })).toBeUndefined();
    expect(readStatus(answer({ pid: 7, uptime: 100 }))).toEqual(status({ sockets: 'unknown', reloadSeconds: 100 }));
  });

  test.each([
    { name: 'goes on', after: {}, same: true },
    { name: 'goes on, counted in whole seconds', after: { reloadSeconds: 49 }, same: true },
    { name: 'took another configuration', after: { reloadSeconds: 0 }, same: false },
    { name: 'is another process', after: { pid: 8 }, same: false },
  ])('tells whether it $name', ({ after, same }) => {
    expect(isSameRun(status(), status(after))).toBe(same);
  });
});

describe('who answers', () => {
  const target: KeaTarget = { device: 'dhcp1-fra', services: ['dhcp4'], observe: { user: '' }, http: { agent: 'https://192.0.2.1:8000' } };
  const told = { config: '', elsewhere: [], serverTag: 'fra', isAsSaved: false, closed: {}, mark: { epoch: 0, at: '' } };

  test('is told by TLS, SSH or a server-tag, and by nothing else', () => {
    const plain = { agent: 'http://192.0.2.1:8000' };
    expect(isIdentified(target)).toBe(true);
    expect(isIdentified({ ...target, http: plain })).toBe(false);
    expect(isIdentified({ ...target, http: plain, serverTag: 'fra' })).toBe(true);
    expect(isIdentified({ ...target, http: { direct: { dhcp4: 'https://192.0.2.1', dhcp6: 'http://192.0.2.1' } } })).toBe(false);
    expect(
      isIdentified({ ...target, http: plain, ssh: { device: 'dhcp1-fra', address: '192.0.2.1', hostKeys: [], observe: { user: 'o' } } }),
    ).toBe(true);
  });

  test('is wrong with another server-tag, or with the name of another device in what we left there', () => {
    const named = { ...told, mark: { epoch: 1, at: '', device: 'dhcp2-fra' } };
    expect(checkIdentity(target, [['dhcp4', told]])).toBeUndefined();
    expect(checkIdentity({ ...target, serverTag: 'lon' }, [['dhcp4', told]])).toMatchObject({ code: 'WrongDevice' });
    expect(checkIdentity(target, [['dhcp4', named]])).toMatchObject({ code: 'WrongDevice' });
    expect(checkIdentity({ ...target, movedFrom: 'dhcp2-fra' }, [['dhcp4', named]])).toBeUndefined();
  });
});
