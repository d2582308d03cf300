export { fetchOut, settleProxies, wayOut } from './way-out.ts';
