/** How results and errors look on the wire, per protocol (botocore's service models name each service's). */
import { cbor, dateToTag } from '@smithy/core/cbor';
import type { Answer, ApiCall, ApiError, Service } from './wire.ts';
import { escapeXml, renderChildren } from './xml.ts';

/** Every format that a caller of the gateway may expect an error in. */
export type ErrorFormat = 'query' | 'ec2' | 's3' | 'json' | 'cbor';

const JSON_TYPE = 'application/x-amz-json-1.1';

function xml(status: number, requestId: string, body: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}

/** JSON protocol: timestamps are seconds since 1970, with a fraction. */
function toJson(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toJson(child)]));
}

/** CBOR without what JSON does not have either: undefined is left out, a Date is tagged. */
function toCbor(value: unknown): unknown {
  if (value instanceof Date) return dateToTag(value);
  if (Array.isArray(value)) return value.map(toCbor);
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(value).filter(([, child]) => child !== undefined);
  return Object.fromEntries(given.map(([key, child]) => [key, toCbor(child)]));
}

function fromCbor(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromCbor);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if ('tag' in value && 'value' in value && value.tag === 1) return new Date(Number(value.value) * 1000);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, fromCbor(child)]));
}

/** Parses a request in CBOR; timestamps (tag 1) are Dates. Throws on what is not CBOR. */
export function parseCbor(body: Uint8Array): Record<string, unknown> {
  if (body.length === 0) return {};
  const parsed = fromCbor(cbor.deserialize(body));
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Error('not a map');
  return parsed as Record<string, unknown>;
}

/**
 * The format that a caller gets: its service's, or what it asked in where a query service speaks JSON and CBOR too
 * (CloudWatch does).
 */
export function formatFor(service: Service | undefined, asked: ErrorFormat): ErrorFormat {
  const alsoSpoken = service?.protocol === 'query' && (asked === 'json' || asked === 'cbor');
  return alsoSpoken ? asked : (service?.protocol ?? asked);
}

/**
 * Renders the result of a call.
 * @param format the service's protocol, or another one that it speaks
 */
export function renderResult(
  service: Service,
  call: ApiCall,
  result: unknown,
  format: ErrorFormat = service.protocol,
): Answer {
  const { operation, requestId } = call;
  if (format === 'cbor') {
    const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };
    return {
      status: 200,
      headers: { ...headers, 'x-amzn-requestid': requestId },
      body: Buffer.from(cbor.serialize(toCbor(result ?? {}))),
    };
  }
  if (format === 'json') {
    const headers = { 'content-type': JSON_TYPE, 'x-amzn-requestid': requestId };
    return { status: 200, headers, body: JSON.stringify(toJson(result ?? {})) };
  }
  if (format === 'ec2') {
    const body = `<requestId>${requestId}</requestId>${renderChildren(result, 'item')}`;
    const open = `<${operation}Response xmlns="${service.namespace}">`;
    return xml(200, requestId, `${open}${body}</${operation}Response>`);
  }
  const content = renderChildren(result);
  return xml(
    200,
    requestId,
    `<${operation}Response xmlns="${service.namespace}">` +
      `<${operation}Result>${content}</${operation}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`,
  );
}

/**
 * Renders an error as the protocol has it, so that the SDKs, the AWS CLI and the Terraform provider read code
 * and message.
 * @param namespace the XML namespace of a query service
 */
export function renderError(
  format: ErrorFormat,
  error: ApiError,
  requestId: string,
  namespace?: string,
): Answer {
  const { status = 400 } = error;
  const code = escapeXml(error.code);
  const message = escapeXml(error.message);
  switch (format) {
    case 'ec2': {
      const detail = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
      const body = `<Response><Errors>${detail}</Errors><RequestID>${requestId}</RequestID></Response>`;
      return xml(status, requestId, body);
    }
    case 's3': {
      const detail = `<Code>${code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId>`;
      const answer = xml(status, requestId, `<Error>${detail}</Error>`);
      return { ...answer, headers: { ...answer.headers, 'x-amz-request-id': requestId } };
    }
    case 'json': {
      const headers = { 'content-type': JSON_TYPE, 'x-amzn-requestid': requestId };
      const body = JSON.stringify({ __type: error.code, message: error.message });
      return { status, headers: { ...headers, 'x-amzn-errortype': error.code }, body };
    }
    case 'cbor': {
      const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };
      return {
        status,
        headers: { ...headers, 'x-amzn-requestid': requestId },
        body: Buffer.from(cbor.serialize({ __type: error.code, message: error.message })),
      };
    }
    case 'query': {
      const type = status >= 500 ? 'Receiver' : 'Sender';
      const attribute = namespace === undefined ? '' : ` xmlns="${namespace}"`;
      const detail = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
      const body = `<ErrorResponse${attribute}>${detail}<RequestId>${requestId}</RequestId></ErrorResponse>`;
      return xml(status, requestId, body);
    }
  }
}
