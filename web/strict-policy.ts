import { config } from 'zod';

// zod would try `new Function` to speed itself up; the content security policy refuses that and reports each try.
config({ jitless: true });
