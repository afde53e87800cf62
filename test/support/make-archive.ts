/** Makes the archive of the embedded database before the tests start, so that no two of them make it at once. */
import { embeddedArchive } from './embedded.ts';

console.log(await embeddedArchive());
process.exit(0);
