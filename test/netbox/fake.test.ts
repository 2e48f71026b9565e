import { afterAll, beforeAll } from 'vitest';
import { describeNetBox } from './contract.ts';
import { describeEdits } from './edits-contract.ts';
import { type FakeNetBox, startFakeNetBox } from './fake.ts';
import { describeRecord } from './record-contract.ts';

let fake: FakeNetBox;
beforeAll(async () => {
  fake = await startFakeNetBox();
});
afterAll(() => fake?.close());

describeNetBox('the fake NetBox', () => fake);
describeRecord('what is written into the fake NetBox', () => fake);
describeEdits('edits of the fake NetBox', () => fake);
