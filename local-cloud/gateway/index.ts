/** The one address that AWS clients speak to: it tells services and operations apart, and what services answer with. */
export { CallLog } from './calls.ts';
export {
  type ConsoleControl,
  type PageFile,
  createControl,
  type Disturbable,
  type QuotaControl,
  type TrafficControl,
} from './control.ts';
export { type Fault, faultError, Faults } from './faults.ts';
export { createUpstream, readBody, type Upstream } from './forward.ts';
export { type Gateway, startGateway } from './server.ts';
export {
  type AnswerFilter,
  type ApiCall,
  ApiError,
  type Authorize,
  type CallCheck,
  type CallRecord,
  type Decision,
  type Operation,
  type RestRequest,
  type Service,
  type Signer,
} from './wire.ts';
