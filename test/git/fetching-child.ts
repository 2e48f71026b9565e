/** Fetches one source and ends; a test kills it before that. Arguments: cache folder, URL. */
import { openMirror } from '../../controller/desired/index.ts';

const [cacheFolder = '', url = ''] = process.argv.slice(2);
const { revision } = await openMirror({ cacheFolder, url, allowLocal: true }).fetch({ ref: { branch: 'main' } });
process.stdout.write(`${revision}\n`);
