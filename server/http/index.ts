export { API_PREFIX, createHttpApp, type HttpOptions } from './app.ts';
export { decodeCursor, encodeCursor, pageOf } from './cursor.ts';
export { isAllowedHost, isOwnOrigin } from './origin.ts';
export { sendProblem } from './problem.ts';
export { type Access, type Route, type RouteContext, route } from './route.ts';
