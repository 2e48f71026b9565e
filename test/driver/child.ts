/** Arms and applies one slow change, as a controller that a test will kill. Its target and token come in the environment. */
import type { SshTarget } from '../../controller/drivers/index.ts';
import { Secret } from '../../controller/lib/index.ts';
import { applyRequest, armRequest, createDriver, limit, slowChange } from './setup.ts';

interface Plain extends Omit<SshTarget, 'observe' | 'apply'> {
  user: string;
  key: string;
}

const { user, key, ...plain } = JSON.parse(process.env['PLUMB_TEST_TARGET'] ?? '') as Plain;
const login = { user, privateKey: new Secret(key) };
const target: SshTarget = { ...plain, observe: login, apply: login };
const driver = createDriver();
const request = armRequest({ token: process.env['PLUMB_TEST_TOKEN'] ?? '', epoch: 6, deadlineMs: 6_000, rollback: slowChange.rollback });
const armed = await driver.arm(target, request, limit());
process.stdout.write(`${armed.outcome}\n`);
const applied = await driver.apply(target, applyRequest(request, slowChange.commands), limit());
process.stdout.write(`${applied.outcome}\n`);
