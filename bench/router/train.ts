/** `node bench/router/train.ts`: trains the router's heads anew and writes worker/auto/router-weights.generated.json. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataFolder, loadLevels, loadQuestions } from './data.ts';
import { trained } from './heads.ts';

const root = join(dirname(import.meta.filename), '../..');
const folder = dataFolder(process.env, root);
if (folder === null) {
  process.stderr.write('The training data is not there. ROUTER_DATA names its folder.\n');
  process.exitCode = 1;
} else {
  const text = `${JSON.stringify(trained(loadQuestions(folder), loadLevels(folder)))}\n`;
  writeFileSync(join(root, 'worker/auto/router-weights.generated.json'), text);
  process.stdout.write(`${text.length} bytes written.\n`);
}
