import { afterAll } from 'vitest';
import { describeNetBox } from './contract.ts';
import { type FakeNetBox, startFakeNetBox } from './fake.ts';

let fake: FakeNetBox | undefined;
afterAll(() => fake?.close());

describeNetBox('the fake NetBox', async () => (fake = await startFakeNetBox()));
