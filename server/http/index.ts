export { API_PREFIX, createHttpApp, type HttpOptions, otherAddresses } from './app.ts';
export { decodeCursor, encodeCursor, pageOf } from './cursor.ts';
export { answerFile } from './file-answer.ts';
export type { MarkedRequest } from './marked.ts';
export { isAllowedHost, isForeignPage, isOwnOrigin } from './origin.ts';
export { type Route, route } from './route.ts';
export { secretMatcher, sha256 } from './secret.ts';
