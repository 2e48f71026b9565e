import { expect, it } from 'vitest';
import { checkImports } from './import-direction.ts';

it.each([
  {
    name: 'lets a folder import below itself by the front door',
    file: 'verdict/judge.ts',
    text: "import { parse } from '../config/index.ts';",
    wrong: 0,
  },
  { name: 'lets a file import its neighbor', file: 'config/a.ts', text: "import { b } from './b.ts';", wrong: 0 },
  { name: 'refuses an import upwards', file: 'lib/a.ts', text: "import { b } from '../api/index.ts';", wrong: 1 },
  { name: 'refuses an import past the front door', file: 'verdict/a.ts', text: "import { b } from '../config/tree.ts';", wrong: 1 },
  { name: 'refuses a file that imports its own front door', file: 'config/a.ts', text: "import { b } from './index.ts';", wrong: 1 },
  {
    name: 'sees type imports, re-exports and lazy imports',
    file: 'lib/a.ts',
    text: "import type { A } from '../api/index.ts';\nexport { b } from '../api/index.ts';\nconst c = import('../api/index.ts');",
    wrong: 3,
  },
  {
    name: 'knows depth: a sub-folder is the same folder',
    file: 'drivers/frr/read.ts',
    text: "import { s } from '../transport/ssh.ts';\nimport { c } from '../../config/index.ts';",
    wrong: 0,
  },
  { name: 'refuses what lies outside controller', file: 'lib/a.ts', text: "import { x } from '../../test/x.ts';", wrong: 1 },
])('$name', ({ file, text, wrong }) => expect(checkImports(file, text)).toHaveLength(wrong));
